"""Three services. None imports another; they talk only in messages."""
