"""Tables, named queries and conditional updates of the registration service."""
