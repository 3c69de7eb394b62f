"""The domain room."""
