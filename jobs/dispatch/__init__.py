"""Submitting, polling, downloading: what the workers do."""
