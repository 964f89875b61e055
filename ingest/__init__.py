"""MQTT to database: receive, check, batch, commit, acknowledge, and tell the gateways what is committed."""
