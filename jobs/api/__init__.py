"""The REST interface for the mobile app."""
