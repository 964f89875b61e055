"""The ledger of pledged animals and its reconciliation with tags and cameras. Pure."""
