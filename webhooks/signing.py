"""The headers by which a receiver verifies sender and time, and recognises repetitions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from standardwebhooks import Webhook


def headers(message_id: str, body: str, secrets: Iterable[str], now: datetime) -> dict[str, str]:
    """Return the headers for exactly this body; one signature for each secret."""
    signatures = [Webhook(secret).sign(message_id, now, body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Toile-Webhooks",
        # The log keeps what can be read.
        "Accept-Encoding": "identity",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
