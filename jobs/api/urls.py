"""Addresses of the API, below /api/v1/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from . import garments, jobs

router = SimpleRouter(trailing_slash=False)
router.register("garments", garments.Garments, basename="garments")
router.register("collections", garments.Collections, basename="collections")
router.register("jobs", jobs.Jobs, basename="jobs")

urlpatterns = [*router.urls]
