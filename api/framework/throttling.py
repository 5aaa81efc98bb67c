"""How often somebody may ask: a courtesy to others. What costs money is counted by quotas."""

from __future__ import annotations

import math
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle


class Throttle(SimpleRateThrottle):
    """By user, or by address before signing in, and by the kind of request."""

    history: list[float]
    now: float
    num_requests: int
    duration: int

    def __init__(self) -> None:
        # The rate depends on the view, which is known only later.
        pass

    def allow_request(self, request: Request, view: Any) -> bool:
        self.scope = view.throttle_kind(request)
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return bool(super().allow_request(request, view))

    def get_cache_key(self, request: Request, view: Any) -> str:
        user: Any = request.user
        who = user.pk if user and user.is_authenticated else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": who}

    def tell(self, response: Response) -> None:
        """Say what is left, whether it was enough or not."""
        left = max(0, self.num_requests - len(self.history))
        oldest = self.history[-1] if self.history else self.now
        response["RateLimit-Limit"] = str(self.num_requests)
        response["RateLimit-Remaining"] = str(left)
        response["RateLimit-Reset"] = str(max(0, math.ceil(oldest + self.duration - self.now)))
