"""Errors outside of any view: problem details below /api/, Django's own pages elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views import defaults

from api.framework import problems
from api.framework.problems import PREFIX


def bad_request(request: HttpRequest, exception: Exception, **kwargs: Any) -> HttpResponseBase:
    if request.path.startswith(PREFIX):
        return problems.plain(request, "malformed")
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception, **kwargs: Any) -> HttpResponseBase:
    if request.path.startswith(PREFIX):
        return problems.plain(request, "not-found")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
    if request.path.startswith(PREFIX):
        return problems.plain(request, "internal")
    return defaults.server_error(request)
