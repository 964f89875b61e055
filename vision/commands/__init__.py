"""The verbs of `python -m vision`, one module each: `declare` adds its arguments, `run` does it."""
