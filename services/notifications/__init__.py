"""Owns mails, the calendar invitations of attendees, and the webhooks that tell other systems.

Publishes: nothing yet.
Listens to: everything that a person or another system is told (shared.contracts.events, shared.contracts.registration).
"""
