"""What comes in and goes out, for pages and API alike."""
