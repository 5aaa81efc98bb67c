"""Galleries and the links to them: read here, changed on their own pages."""

from __future__ import annotations

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from galleries.models import Gallery, ShareLink
from jobs.admin.event_table import WithEvents
from portal.admin.readonly import ReadOnlyAdmin
from portal.admin.thumbnails import state
from portal.badges import badge


@admin.register(Gallery)
class GalleryAdmin(WithEvents, ReadOnlyAdmin):
    list_display = ["name", "condition", "access", "shown_from", "shown_until", "updated_at"]
    list_filter = ["access"]
    search_fields = ["name", "slug"]
    fields = (
        *("name", "slug", "text", "access", "condition", "shown_from", "shown_until"),
        *("created_by", "created_at", "updated_at"),
    )

    @admin.display(description=_("state"))
    def condition(self, gallery: Gallery) -> str:
        return state(gallery.current_state, badge(gallery.current_state).word)


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "gallery", "open", "expires_at", "revoked_at", "last_used_at"]
    list_select_related = ["gallery"]
    search_fields = ["label", "gallery__name"]
    fields = (
        *("gallery", "label", "expires_at", "may_download", "revoked_at", "last_used_at"),
        *("created_by", "created_at"),
    )

    @admin.display(description=_("good"), boolean=True)
    def open(self, link: ShareLink) -> bool:
        return link.is_open(timezone.now())
