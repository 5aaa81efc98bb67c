"""Addresses of the site."""

from django.contrib import admin
from django.urls import path

from catalog.storage import serve_private

urlpatterns = [
    path("private/<int:expires>/<str:signature>/<path:path>", serve_private, name="private-file"),
    path("admin/", admin.site.urls),
]
