"""What ./run bench chaos is made of: a flock that publishes, a yard of processes, and what befalls them."""
