"""What is counted against what the book says: shortfall, inspections, patrols (R3, R5, R6, R25)."""
