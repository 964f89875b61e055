"""What is known of one farm at one moment: its herd, counts, devices, and where things are. Pure."""
