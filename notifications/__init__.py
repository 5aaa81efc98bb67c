"""Notifications in the portal and by e-mail."""
