"""How the tables of registration came to be."""
