"""A stream of one quantity, value by value: how unusual is the newest, judged by what came before it alone."""
