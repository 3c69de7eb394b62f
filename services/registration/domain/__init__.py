"""The rules of signing up: no framework, no SQL, no clock, no chance."""
