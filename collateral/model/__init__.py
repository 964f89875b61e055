"""Plain facts of the farm and the loan: frozen dataclasses, standard library only."""
