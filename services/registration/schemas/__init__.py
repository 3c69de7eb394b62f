"""What comes in and goes out, for pages and JSON alike."""
