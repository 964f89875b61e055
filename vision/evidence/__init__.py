"""What is kept of a count: its record, its picture without recognisable people, and a folder for both."""
