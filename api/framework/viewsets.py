"""What every resource of the API has in common."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from rest_framework import mixins, viewsets
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework.problems import Problem
from api.framework.throttling import Throttle

READS = {"GET", "HEAD", "OPTIONS"}


@method_decorator(conditional_page, name="dispatch")
class Api(viewsets.GenericViewSet):
    """`required_permissions`: by action, see permissions.py.

    `throttle_scopes`: by action, the rate that it counts for.
    """

    required_permissions: ClassVar[dict[str, str]] = {}
    throttle_scopes: ClassVar[dict[str, str]] = {}
    filterset_class: Any = None
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    lookup_value_regex = "[0-9]{1,18}"
    model: ClassVar[type[Model]]

    def throttle_kind(self, request: Request) -> str:
        usual = "read" if request.method in READS else "write"
        return self.throttle_scopes.get(self.action or "", usual)

    def get_throttles(self) -> list[Any]:
        self.throttle = Throttle()
        return [self.throttle]

    def permission_denied(self, request: Request, message: Any = None, code: Any = None) -> None:
        if not request.user.is_authenticated:
            raise NotAuthenticated
        raise Problem("forbidden")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kw: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kw)
        if hasattr(getattr(self, "throttle", None), "history"):
            self.throttle.tell(response)
        # A phone asks again with the ETag; nobody between keeps what is one user's.
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["Authorization", "Accept-Language"])
        return response


class Resource(Api):
    """Rows of one model, each user's own view of them."""

    def get_queryset(self) -> QuerySet:
        """Everything that the user may see; nothing where nobody asks (the schema)."""
        rows: Any = self.model._default_manager.all()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return self.shown(rows.visible_to(self.request.user))

    def shown(self, rows: Any) -> QuerySet:
        """With what the answer needs of other tables, in a constant number of queries."""
        return rows

    def own(self, rows: Any) -> Any:
        """Rows, or tombstones, of this user; of the house for those who see it."""
        name = f"{self.model._meta.app_label}.view_{self.model._meta.model_name}"
        house = Q(owner=None) if self.request.user.has_perm(name) else Q()
        return rows.filter(Q(owner=self.request.user.pk) | house)

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
