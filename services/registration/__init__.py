"""Owns sign-ups, places, waiting lists, tickets, check-ins and attendance.

Publishes: what happens to a registration, and the availability of places (shared.contracts.registration).
Listens to: events that are published, changed, moved and called off; credentials taken back (shared.contracts.events).
"""
