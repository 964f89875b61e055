"""Gate films and episodes with exact truth, counted by us and by others from the same frozen detections."""
