"""What `vision serve` remembers over a restart: each camera's views and suspicions, and where its chain hangs."""
