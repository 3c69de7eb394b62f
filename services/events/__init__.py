"""Owns organisations, accounts, events, company offers and the catalogue.

Publishes: what is offered, reviewed, published, moved and called off; sign-in links (shared.contracts.events).
Listens to: availability of places (shared.contracts.registration).
"""
