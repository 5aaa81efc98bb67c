"""Addresses of the site."""

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import include, path

from catalog.storage import serve_private

# One sign-in page for the portal and the admin.
admin.site.login = login_required(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("private/<int:expires>/<str:signature>/<path:path>", serve_private, name="private-file"),
    path("admin/", admin.site.urls),
    path("", include("catalog.urls")),
    path("", include("jobs.urls")),
]
