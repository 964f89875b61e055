"""Death, mortality, outbreak, heat and feed (R11-R13, R17-R19): one sick animal is the farm's matter, a sick herd the
bank's."""
