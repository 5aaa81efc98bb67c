"""Addresses of the API, below /api/v1/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from . import garments, jobs, persons, uploads

router = SimpleRouter(trailing_slash=False)
router.register("garments", garments.Garments, basename="garments")
router.register("collections", garments.Collections, basename="collections")
router.register("jobs", jobs.Jobs, basename="jobs")
router.register("persons", persons.Persons, basename="persons")
router.register("uploads", uploads.Uploads, basename="uploads")

urlpatterns = [*router.urls]
