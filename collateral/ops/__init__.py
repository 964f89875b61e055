"""Running things: the one clock, logs, the MQTT connection, health."""
