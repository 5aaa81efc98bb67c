"""Responses for everybody: in the visitor's language, with no cookie, for caches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.translation import trans_real
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

# What is unpublished is gone from shared caches after so long.
CACHE_S = 60
View = Callable[..., HttpResponseBase]


def public_page(view: View) -> View:
    """Make a view open to everybody and every cache; responses differ by address and language."""

    @login_not_required
    @gzip_page
    @require_safe
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = _respond(view, request, *args, **kwargs)
        if response.status_code == 200 and isinstance(response, HttpResponse):
            response.headers.setdefault("Cache-Control", f"public, max-age={CACHE_S}")
            set_response_etag(response)
            return get_conditional_response(request, response["ETag"], None, response) or response
        return response

    return shown


def shared_page(view: View) -> View:
    """Make a view open to visitors with a link: no shared cache, no index, no referrer."""

    @login_not_required
    @require_safe
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = _respond(view, request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return shown


def limit_caching(response: HttpResponse, end: datetime | None) -> HttpResponse:
    """Let no cache keep a page beyond the end of what it shows."""
    if end:
        left = max(0, int((end - timezone.now()).total_seconds()))
        response["Cache-Control"] = f"public, max-age={min(CACHE_S, left)}"
    return response


def _respond(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    language = _language(request)
    with translation.override(language):
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            # The same whatever was asked for: nobody learns which links were good once.
            response = render(
                request, "galleries/public/missing.html", page_context(request), status=404
            )
            response["Cache-Control"] = "no-store"
    response["Content-Language"] = language
    return response


def page_context(request: HttpRequest) -> dict[str, Any]:
    """Return the template context that every public page needs."""
    origin = settings.PUBLIC_BASE_URL or request.build_absolute_uri("/").rstrip("/")
    wanted = request.GET.get("lang", "")
    chosen = wanted if wanted in dict(settings.LANGUAGES) else ""
    return {"site_name": settings.PUBLIC_NAME, "origin": origin, "lang": chosen}


def _language(request: HttpRequest) -> str:
    """What the address says, else what the browser prefers.

    Not the cookie of the portal: caches would have to tell visitors apart by all their cookies.
    """
    wanted = request.GET.get("lang", "")
    if wanted in dict(settings.LANGUAGES):
        return wanted
    for code, _weight in trans_real.parse_accept_lang_header(
        request.headers.get("Accept-Language", "")
    ):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
