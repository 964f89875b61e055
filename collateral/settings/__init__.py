"""Configuration fragments; each program composes its own settings from these.

Every field has a title and a description, from which the reference page is made. A value NAME can also be
given as a file: NAME_FILE holds the path, as container secrets do.
"""
