"""The events service, from its rules to its doors."""
