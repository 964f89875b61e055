"""The whole database into one file, and back: `./run backup` and `./run restore`."""
