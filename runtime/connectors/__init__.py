"""What sends: e-mail, SMS, calls of other programs, notifications."""
