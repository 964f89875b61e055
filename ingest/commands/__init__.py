"""The verbs beside running: each module has `main(arguments) -> int`."""
