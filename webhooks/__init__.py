"""Outgoing webhooks, after Standard Webhooks: an outbox, a courier, and who is told what."""
