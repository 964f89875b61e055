"""The launcher: starts the database, the broker and every program, watches them, and stops them."""
