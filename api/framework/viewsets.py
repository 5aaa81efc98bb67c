"""What every resource of the API has in common."""

from __future__ import annotations

import hashlib
import json
import math
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import conditional_page
from rest_framework import mixins, viewsets
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle

from api.framework.problems import Problem, request_id

READS = {"GET", "HEAD", "OPTIONS"}
# Values of `required_permissions` of a view, where no model permission says it.
EVERYBODY = "everybody"
SIGNED_IN = "signed in"


class Throttle(ScopedRateThrottle):
    """How often somebody may call, as a courtesy to others; what costs money has a quota.

    By user, or by address before signing in; the view's `throttle_scope` names the rate.
    """

    history: list[float] | None = None
    now: float

    def add_headers(self, response: Response) -> None:
        """Write what is left, whether it was enough or not; nothing if it was not asked."""
        if self.history is None:
            return
        left = max(0, self.num_requests - len(self.history))
        oldest = self.history[-1] if self.history else self.now
        response["RateLimit-Limit"] = str(self.num_requests)
        response["RateLimit-Remaining"] = str(left)
        response["RateLimit-Reset"] = str(max(0, math.ceil(oldest + self.duration - self.now)))


class Api(viewsets.GenericViewSet):
    """`required_permissions`: by action, a permission, SIGNED_IN or EVERYBODY.

    `throttle_scopes`: by action, the rate that it counts for.
    """

    permission_classes = ()

    required_permissions: ClassVar[dict[str, str]] = {}
    throttle_scopes: ClassVar[dict[str, str]] = {}
    filterset_class: Any = None
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    lookup_value_regex = "[0-9]{1,18}"
    model: ClassVar[type[Model]]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer 304 where the caller has the same already."""
        response: Any = conditional_page(super().dispatch)(request, *args, **kwargs)
        # What is found to be a 304 when it is rendered has none of the headers so far.
        response.add_post_render_callback(self.add_request_id)
        return response

    def add_request_id(self, response: HttpResponseBase) -> None:
        response["X-Request-Id"] = request_id(self.request)

    def check_permissions(self, request: Request) -> None:
        """Raise for who may not do it. Rows that somebody may not see are no matter of rights: 404.

        An action that is not named is closed: who adds one has to open it.
        """
        needed = self.required_permissions.get(self.action or "")
        # A method that an address does not have: the framework answers 405.
        if needed == EVERYBODY or self.action in (None, "metadata"):
            return
        if not request.user.is_authenticated:
            raise NotAuthenticated
        if needed is None or not (needed == SIGNED_IN or request.user.has_perm(needed)):
            raise Problem("forbidden")

    def get_throttles(self) -> list[Throttle]:
        usual = "read" if self.request.method in READS else "write"
        self.throttle_scope = self.throttle_scopes.get(self.action or "", usual)
        self.throttle = Throttle()
        return [self.throttle]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kw: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kw)
        if throttle := getattr(self, "throttle", None):
            throttle.add_headers(response)
        # A phone asks again with the ETag; nobody between keeps what is one user's.
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["Authorization", "Accept-Language"])
        return response


class Resource(Api):
    """Rows of one model, each user's own view of them."""

    def get_queryset(self) -> QuerySet:
        """Everything that the user may see; nothing for the schema, which has no user."""
        rows: Any = self.model._default_manager.all()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return self.shown(rows.visible_to(self.request.user))

    def shown(self, rows: Any) -> QuerySet:
        """With what the answer needs of other tables, in a constant number of queries."""
        return rows

    def own(self, rows: Any) -> Any:
        """Rows, or tombstones, of this user; the team's for those who may see them."""
        name = f"{self.model._meta.app_label}.view_{self.model._meta.model_name}"
        teams = Q(owner=None) if self.request.user.has_perm(name) else Q()
        return rows.filter(Q(owner=self.request.user.pk) | teams)

    def changed(self, rows: Any, since: datetime) -> QuerySet:
        """Those that are news since then."""
        found: QuerySet = rows.changed_since(since)
        return found

    def withdrawn(self, since: datetime) -> list[int]:
        """Ids of rows that are still there, and that this user saw before and sees no more."""
        return []


class ReadOnlyResource(mixins.ListModelMixin, mixins.RetrieveModelMixin, Resource):
    """A list and its rows, to be read."""


def etag_of(row: Any, data: Any) -> str:
    """A strong one: the version, and what else of the body may differ (addresses expire)."""
    whole = json.dumps(data, sort_keys=True, default=str).encode()
    return f'"{row.etag}.{hashlib.sha256(whole).hexdigest()[:16]}"'


def created(data: Any, location: str, status: int = 201) -> Response:
    return Response(data, status, headers={"Location": location})
