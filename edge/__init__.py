"""The farm gateway: takes tag uplinks and frames, keeps them on disk, sends them until they are receipted."""
