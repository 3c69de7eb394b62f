"""What the services tell each other: one frozen dataclass per message, one module per producer."""
