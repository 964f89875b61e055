"""What the engine makes of real series of animals: neck tags and collars (the shared data, HERDLIEN_DATA)."""
