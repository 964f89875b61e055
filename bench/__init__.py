"""Measurements that anybody can repeat: ./run bench NAME --json."""
