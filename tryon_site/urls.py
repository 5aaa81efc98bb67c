"""Addresses of the site."""

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from django.views.generic import TemplateView

from catalog.storage import serve_private, serve_public

# One sign-in page for the portal and the admin.
admin.site.login = login_required(admin.site.login)  # type: ignore[method-assign]

handler400 = "tryon_site.errors.bad_request"
handler404 = "tryon_site.errors.not_found"
handler500 = "tryon_site.errors.server_error"

urlpatterns = [
    path("api/v1/", include("jobs.api.urls")),
    path("api/docs", TemplateView.as_view(template_name="api/docs.html"), name="api-docs"),
    path("private/<int:expires>/<str:signature>/<path:path>", serve_private, name="private-file"),
    re_path(r"^public/([0-9a-f]{32})/(\d{1,5}\.(?:jpg|webp))$", serve_public, name="public-file"),
    path("admin/", admin.site.urls),
    path("", include("catalog.urls")),
    path("", include("jobs.urls")),
]
