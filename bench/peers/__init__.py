"""Other people's ingesters, measured beside ours: same machine, broker, server and kind of table."""
