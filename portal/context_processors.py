"""Variables of every template."""

from __future__ import annotations

from django.http import HttpRequest


def theme(request: HttpRequest) -> dict[str, str]:
    """The theme chosen by cookie, written by the server so that no page flashes."""
    chosen = request.COOKIES.get("theme", "")
    return {"theme": chosen if chosen in {"light", "dark"} else ""}
