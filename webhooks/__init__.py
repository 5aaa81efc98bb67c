"""Outgoing webhooks, after Standard Webhooks: an outbox, its delivery, and what is sent to whom."""
