"""Money and papers: price, insurance, arrears, registration, concentration, double pledge (R7, R20-R24)."""
