"""Tables, named queries and conditional updates of the events service."""
