"""Animals that leave: one by one (R1), and as a group (R2)."""
