"""Addresses of the API, below /api/v1/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from . import document, garments, jobs, persons, uploads

router = SimpleRouter(trailing_slash=False)
router.register("garments", garments.Garments, basename="garments")
router.register("collections", garments.Collections, basename="collections")
router.register("jobs", jobs.Jobs, basename="jobs")
router.register("persons", persons.Persons, basename="persons")
router.register("uploads", uploads.Uploads, basename="uploads")

urlpatterns = [
    path("openapi.json", document.JsonDocument.as_view({"get": "retrieve"})),
    path("openapi.yaml", document.YamlDocument.as_view({"get": "retrieve"})),
    *router.urls,
]
