"""The specification: every test's name is a sentence."""
