"""The rules of events and accounts: no framework, no clock, no randomness."""
