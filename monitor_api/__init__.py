"""What the bank runs: the HTTP interface, the scheduled watchkeeper, notifications."""
