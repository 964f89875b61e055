"""Whether a tag is the animal it stands for: ghosts, removed, cloned and moved tags (R4, R8, R9, R10)."""
