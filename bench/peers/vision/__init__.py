"""Other people's counters of animals, each in a process and an environment of its own.

The `run_*.py` files are run by the peers' Python and import nothing of ours but `protocol` and `tile_look` beside them.
"""
