"""What people receive: letters in their language, calendar entries, QR codes, and the bytes of a mail."""
