"""How services tell each other facts: a transactional outbox, one relay, a broker, and an inbox that keeps order."""
