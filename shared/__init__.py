"""The small library under the three services; it imports none of them."""
