"""A model's papers: the int8 twin and its check, the data sheet, the card."""
