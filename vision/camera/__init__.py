"""The camera as a suspect: is what it sends a picture of the pen, now?"""
