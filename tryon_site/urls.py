"""Addresses of the site."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView, TemplateView

from catalog.storage.files import serve_private, serve_public
from users.adapter import phone_not_found

# One sign-in page for the portal and the admin, whose own form counts no attempts and asks for no
# second factor.
_to_admin = RedirectView.as_view(pattern_name="admin:index")
admin.site.login = secure_admin_login(_to_admin)  # type: ignore[method-assign]

handler400 = "tryon_site.errors.bad_request"
handler404 = "tryon_site.errors.not_found"
handler500 = "tryon_site.errors.server_error"

PORTAL = (
    "catalog",
    "jobs",
    "galleries",
    "privacy",
    "review",
    "reports",
    "notifications",
    "users",
)
urlpatterns = [
    path("api/v1/", include("api.urls")),
    path("api/docs", TemplateView.as_view(template_name="api/docs.html"), name="api-docs"),
    path("private/<int:expires>/<str:signature>/<path:path>", serve_private, name="private-file"),
    re_path(r"^public/([0-9a-f]{32})/(\d{1,5}\.(?:jpg|webp))$", serve_public, name="public-file"),
    path("admin/", admin.site.urls),
    # We keep no telephone numbers; allauth has their addresses all the same.
    re_path("^_allauth/app/v1/(?:auth|account)/phone", phone_not_found),
    path("_allauth/", include("allauth.headless.urls")),
    path("", RedirectView.as_view(pattern_name="overview"), name="home"),
    *(path("", include(f"{app}.urls")) for app in PORTAL),
]
