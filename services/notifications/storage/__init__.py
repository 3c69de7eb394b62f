"""What the service remembers: its copies of events and attendees, invitations, mails and their way out."""
