"""The use_cases room."""
