"""Really running tests: outcomes, covered lines and killed mutants for each test of a file."""
