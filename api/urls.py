"""Addresses of the API, below /api/v1/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from api.openapi import document
from api.resources import (
    batches,
    capabilities,
    devices,
    galleries,
    garments,
    jobs,
    me,
    persons,
    preflight,
    results,
    uploads,
    webhooks,
)

router = SimpleRouter(trailing_slash=False)
router.register("garments", garments.Garments, basename="garments")
router.register("collections", garments.Collections, basename="collections")
router.register("batches", batches.Batches, basename="batches")
router.register("jobs", jobs.Jobs, basename="jobs")
router.register("persons", persons.Persons, basename="persons")
router.register("uploads", uploads.Uploads, basename="uploads")
router.register("results", results.Results, basename="results")
router.register("galleries", galleries.Galleries, basename="galleries")
router.register("webhooks", webhooks.Webhooks, basename="webhooks")

one = {"get": "retrieve"}
urlpatterns = [
    *router.urls,
    path(
        "webhooks/<int:pk>/deliveries/<int:delivery>/redeliver",
        webhooks.Webhooks.as_view({"post": "redeliver"}),
        name="webhooks-redeliver",
    ),
    path("me", me.Me.as_view({"get": "retrieve", "delete": "destroy"}), name="me"),
    path("me/devices", devices.Devices.as_view({"get": "list"}), name="devices"),
    path("me/devices/<int:pk>", devices.Devices.as_view({"delete": "destroy"}), name="device"),
    path("capabilities", capabilities.Capabilities.as_view(one), name="capabilities"),
    path("preflight", preflight.Preflight.as_view({"post": "create"}), name="preflight"),
    path("preflight/photo", preflight.Preflight.as_view({"post": "photo"}), name="preflight-photo"),
    path("openapi.json", document.JsonDocument.as_view(one), name="openapi-json"),
    path("openapi.yaml", document.YamlDocument.as_view(one), name="openapi-yaml"),
]
