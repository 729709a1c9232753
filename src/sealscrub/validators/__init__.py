"""What proves that sealed records are out: the nullity test, and the scanner of model files."""
