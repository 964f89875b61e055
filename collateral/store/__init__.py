"""PostgreSQL and TimescaleDB: the only SQL in the project."""
