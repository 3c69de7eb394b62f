"""Owns mails and the calendar invitations of attendees.

Publishes: nothing yet.
Listens to: everything a person must be told (shared.contracts.events, shared.contracts.registration).
"""
