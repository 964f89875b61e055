"""What benchmarks share: a flood of messages, a herd in the database, and processes to watch."""
