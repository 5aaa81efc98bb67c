"""Findings in the admin: a column, a filter, a table with buttons, an action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.models import Asset, AssetQuerySet, Garment
from catalog.photos import facts
from catalog.photos.refusals import Refused
from catalog.preflight import fixes
from catalog.preflight.findings import Finding, findings, unmeasured
from catalog.preflight.messages import MENDS

SIGNS = {"refuse": "✕", "warn": "!", "fine": "✓", "": "○"}
COLOURS = {"refuse": "is-bad", "warn": "is-warn", "fine": "is-ok", "": ""}


class FindingsAdmin(admin.ModelAdmin):
    """What providers have against a photo, and one click for what can be mended."""

    @admin.display(description=_("findings"), ordering="verdict")
    def findings_column(self, asset: Asset) -> SafeString:
        """Computed from the row alone: a list asks for nothing more."""
        found = findings(asset)
        word = asset.get_verdict_display() if asset.verdict else gettext("Not measured yet")
        title = "\n".join(f"{f.message} ({', '.join(f.providers)})" for f in found)
        return format_html(
            '<span class="state {}" title="{}"><span aria-hidden="true">{}</span> {}</span>',
            *(COLOURS[asset.verdict], title, SIGNS[asset.verdict], word),
        )

    @admin.display(description=_("findings"))
    def findings_table(self, asset: Asset) -> SafeString:
        """With a button for each remedy."""
        return _table(asset, _button)

    @admin.display(description=_("findings"))
    def findings_list(self, asset: Asset) -> SafeString:
        """For those who may only look."""
        return _table(asset, lambda finding: "")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A remedy's button: images are decoded here, outside of the form's transaction."""
        chosen = request.POST.get("_mend", "")
        if chosen in MENDS:
            asset = self.get_object(request, object_id)
            if asset and self.has_change_permission(request, asset):
                level, text = fixes.tell(asset, chosen)
                self.message_user(request, text, level)
                return HttpResponseRedirect(request.get_full_path())
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.action(description=_("Apply remedies"), permissions=["change"])
    def apply_remedies(self, request: HttpRequest, queryset: AssetQuerySet) -> None:
        done = 0
        for asset in queryset:
            try:
                done += bool(fixes.apply_all(asset))
            except (Refused, OSError) as error:
                self.message_user(request, f"{asset}: {error}", messages.WARNING)
        text = ngettext("%d photo was mended.", "%d photos were mended.", done) % done
        self.message_user(request, text, messages.SUCCESS if done else messages.INFO)


def _table(asset: Asset, button: Callable[[Finding], SafeString | str]) -> SafeString:
    rows = format_html_join(
        "",
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        (
            (_severity(f), _what(f), ", ".join(f.providers), button(f) or f.remedy)
            for f in findings(asset)
        ),
    )
    if not rows:
        return format_html("{} {}", gettext("Nothing against this photo."), _still(asset))
    head = (_("Effect"), _("Finding"), _("Providers"), _("Remedy"))
    return format_html(
        "<table><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr></thead>"
        "<tbody>{}</tbody></table>{}",
        *(*head, rows, _still(asset)),
    )


def _what(finding: Finding) -> str:
    if not finding.slots:
        return finding.message
    slots = ", ".join(str(Garment.Slot(slot).label) for slot in finding.slots)
    return f"{finding.message} ({slots})"


def _severity(finding: Finding) -> SafeString:
    word = _("Refused") if finding.severity == "refuse" else _("Warning")
    return format_html(
        '<span class="state {}"><span aria-hidden="true">{}</span> {}</span>',
        *(COLOURS[finding.severity], SIGNS[finding.severity], word),
    )


def _button(finding: Finding) -> SafeString | str:
    if not finding.mend:
        return ""
    return format_html(
        '<button type="submit" class="button" name="_mend" value="{}" formnovalidate>{}</button>',
        *(finding.mend, MENDS[finding.mend]),
    )


def _still(asset: Asset) -> SafeString | str:
    """Say what nobody could check yet."""
    if asset.facts_version >= facts.VERSION or not unmeasured(asset):
        return ""
    text = _("Not measured yet: who or what is in the photo. The local engine does that soon.")
    return format_html('<p class="help">{}</p>', text)
