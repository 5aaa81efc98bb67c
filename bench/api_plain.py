"""What bench/api.py compares with: the same rows and fields, paged by number as DRF does it."""

from __future__ import annotations

from django.urls import path
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import IsAuthenticated

from api.resources.results import Results
from tryon_site.urls import handler400, handler404, handler500
from tryon_site.urls import urlpatterns as site

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]


class Numbered(PageNumberPagination):
    page_size = 30


class Plain(Results):
    permission_classes = [IsAuthenticated]
    throttle_classes = ()
    pagination_class = Numbered
    filter_backends = ()

    def get_queryset(self):
        return super().get_queryset().order_by("-id")


urlpatterns = [path("plain/results", Plain.as_view({"get": "list"})), *site]
