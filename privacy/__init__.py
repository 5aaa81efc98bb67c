"""Consent changes and their effects, erasure."""
