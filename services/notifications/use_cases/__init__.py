"""What happens when something is heard: one verb per file."""
