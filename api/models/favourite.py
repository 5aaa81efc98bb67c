"""Which results somebody likes: each keeps a list of one's own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Favourite(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites")
    result = models.ForeignKey("jobs.Result", models.CASCADE, related_name="favourites")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "result"], name="favourite_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.result}"
