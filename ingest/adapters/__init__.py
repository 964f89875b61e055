"""Device protocols, one file each: from topic and payload to rows. See docs/guides/device-adapters.md."""
