"""The library in the admin: upload, look, find, archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.admin.findings import FindingsAdmin
from catalog.forms import PhotoForm, stored
from catalog.models import Asset, AssetQuerySet, Collection, Garment, Person, Tag
from catalog.photos.add import OnDuplicate, save_new

THUMB_HEIGHT = 96
PREVIEW_HEIGHT = 480
LISTED_JOBS = 20


class ArchivedFilter(admin.SimpleListFilter):
    """Shows what is in use unless asked otherwise."""

    title = _("archive")
    parameter_name = "archived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Archived")), ("all", _("All"))]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        return iter([first | {"display": _("In the library")}, *others])

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        return queryset.filter(archived_at__isnull=self.value() != "yes")


class AssetAdmin(FindingsAdmin):
    attributes: tuple[str, ...] = ()
    # Typed in with the photo; what changes it later is not this form.
    only_added: tuple[str, ...] = ()
    autocomplete_fields: ClassVar[Any] = ("tags",)
    list_display_links = ("thumbnail", "name")
    list_per_page = 50
    actions = ("archive", "restore", "apply_remedies")

    # --- what a page shows ---

    def get_form(
        self, request: HttpRequest, obj: Asset | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = PhotoForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Asset | None = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("photo", *self.attributes, *self.only_added)})]
        facts = ["pixel_size", "created_by", "created_at", "archived_at"]
        # The full photo may show more than the garment: only for those who tend the library.
        rules = "findings_list"
        if self.has_change_permission(request, obj):
            facts.insert(1, "download")
            rules = "findings_table"
        return [
            (None, {"fields": ("preview", *self.attributes)}),
            (_("Image rules"), {"fields": (rules,)}),
            (_("Alike"), {"fields": ("exact_duplicates", "similar_photos")}),
            (_("File"), {"fields": facts}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Asset | None = None) -> Any:
        alike = ("exact_duplicates", "similar_photos")
        facts = ("pixel_size", "download", "created_by", "created_at", "archived_at")
        return () if obj is None else ("preview", "findings_table", "findings_list", *alike, *facts)

    @admin.display(description=_("photo"))
    def thumbnail(self, asset: Asset) -> SafeString:
        width = round(asset.width * THUMB_HEIGHT / asset.height)
        return format_html(
            '<img class="thumb" src="{}" width="{}" height="{}" alt="" loading="lazy">',
            *(asset.thumb.url, width, THUMB_HEIGHT),
        )

    @admin.display(description=_("photo"))
    def preview(self, asset: Asset) -> SafeString:
        width = round(asset.width * PREVIEW_HEIGHT / asset.height)
        return format_html(
            '<a href="{0}"><img class="preview" src="{0}" width="{1}" height="{2}" alt="{3}"></a>',
            *(asset.large.url, width, PREVIEW_HEIGHT, asset.name),
        )

    @admin.display(description=_("pixels"))
    def pixel_size(self, asset: Asset) -> str:
        return f"{asset.width} × {asset.height}"

    @admin.display(description=_("original"))
    def download(self, asset: Asset) -> SafeString:
        extension = str(asset.original.name).rpartition(".")[2]
        return format_html(
            '<a href="{}" download="{}.{}">{}</a>',
            *(asset.original.url, asset.name, extension, _("Download")),
        )

    @admin.display(description=_("the same file"))
    def exact_duplicates(self, asset: Asset) -> SafeString | str:
        return _links(asset.duplicates()) or "–"

    @admin.display(description=_("similar photos"))
    def similar_photos(self, asset: Asset) -> SafeString | str:
        return _links(asset.lookalikes()) or "–"

    # --- what a page does ---

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Decode the photo and write its files first: the rest runs inside a transaction."""
        if request.method == "POST" and self.has_add_permission(request):
            form = self.get_form(request)(request.POST, request.FILES)
            if form.is_valid():
                stored(form.cleaned_data["photo"], self.model.objects.folder())
        return super().add_view(request, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Asset, form: Any, change: bool) -> None:
        if change:
            self._save_typed(obj, form)
            return
        obj.set_photo(stored(form.cleaned_data["photo"], self.model.objects.folder()))
        obj.created_by = request.user if request.user.is_authenticated else None
        # The message after saving names what is the same or alike.
        save_new(obj, on_duplicate=OnDuplicate.ADD, by=obj.created_by)

    def _save_typed(self, obj: Asset, form: Any) -> None:
        """Write what was typed and nothing else: an engine may be measuring the photo."""
        columns = {field.name for field in obj._meta.concrete_fields}
        obj.save(update_fields=[name for name in form.changed_data if name in columns])
        obj.rejudge()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name the jobs that stand in the way, not the missing permission to delete those."""
        listed, counts, lacking, protected = super().get_deleted_objects(objs, request)
        if protected:
            text = _("Try-ons refer to it, so it cannot be deleted. Archive it instead.")
            messages.warning(request, text)
            lacking, protected = set(), _in_the_way(objs) or [str(_("Try-ons of shoppers"))]
        return listed, counts, lacking, protected

    def delete_model(self, request: HttpRequest, obj: Asset) -> None:
        self.model.objects.filter(pk=obj.pk).erase()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        queryset.erase()

    def response_add(
        self, request: HttpRequest, obj: Asset, post_url_continue: str | None = None
    ) -> HttpResponse:
        if self.has_view_permission(request):
            same, alike = _links(obj.duplicates()), _links(obj.lookalikes())
            if same:
                text = format_html(str(_("This very file is in the library already: {}")), same)
                messages.warning(request, text)
            if alike:
                text = format_html(str(_("The library has similar photos: {}")), alike)
                messages.warning(request, text)
        return super().response_add(request, obj, post_url_continue)

    @admin.action(description=_("Archive"), permissions=["change"])
    def archive(self, request: HttpRequest, queryset: AssetQuerySet) -> None:
        selected, changed = queryset.count(), queryset.archive()
        done = ngettext("%d was archived.", "%d were archived.", changed) % changed
        self._report(request, done, selected - changed, _("%d had been archived before."))

    @admin.action(description=_("Restore"), permissions=["change"])
    def restore(self, request: HttpRequest, queryset: AssetQuerySet) -> None:
        selected, changed = queryset.count(), queryset.restore()
        done = ngettext("%d was restored.", "%d were restored.", changed) % changed
        self._report(request, done, selected - changed, _("%d were not archived."))

    def _report(self, request: HttpRequest, done: str, unchanged: int, why: Any) -> None:
        level = messages.WARNING if unchanged else messages.SUCCESS
        self.message_user(request, f"{done} {why % unchanged if unchanged else ''}".strip(), level)


def _in_the_way(assets: Iterable[Asset]) -> list[str]:
    """The team's try-ons that refer to these, by name; not what shoppers have made."""
    listed = list(assets)
    rows = type(listed[0]).objects.filter(pk__in=[asset.pk for asset in listed])
    found = [row for jobs in rows.in_the_way() for row in jobs[:LISTED_JOBS]]
    return [_linked(row) for row in found[:LISTED_JOBS]]


def _linked(row: Any) -> str:
    meta = row._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    return format_html('{}: <a href="{}">{}</a>', capfirst(meta.verbose_name), address, row)


def _links(assets: Iterable[Asset]) -> SafeString:
    """Link to each asset, archived ones marked as such."""
    return format_html_join(
        ", ",
        '<a href="{}">{}</a>{}',
        (
            (
                reverse(f"admin:catalog_{asset._meta.model_name}_change", args=[asset.pk]),
                f"{asset.name} (#{asset.pk})",
                f" ({_('archived')})" if asset.archived_at else "",
            )
            for asset in assets
        ),
    )


@admin.register(Person)
class PersonAdmin(AssetAdmin):
    attributes = ("name", "gender", "body", "view", "height_cm", "size", "tags")
    only_added = ("consent_scope", "consent_until", "consent_note")
    list_display: Any = (
        *("thumbnail", "name", "findings_column", "gender", "body", "view"),
        *("consent_until", "created_at"),
    )
    list_filter: ClassVar[Any] = (ArchivedFilter, "verdict", "gender", "body", "view", "tags")
    search_fields = ("name", "tags__name")


@admin.register(Garment)
class GarmentAdmin(AssetAdmin):
    attributes = ("name", "slot", "photo_type", "sku", "season", "collections", "tags")
    list_display = (
        *("thumbnail", "name", "findings_column", "slot", "photo_type"),
        *("sku", "season", "created_at"),
    )
    list_filter = (
        *(ArchivedFilter, "verdict", "slot", "photo_type"),
        *(("season", admin.AllValuesFieldListFilter), "collections", "tags"),
    )
    search_fields = ("name", "sku", "season")
    autocomplete_fields: ClassVar[Any] = ("collections", "tags")


@admin.register(Collection)
class CollectionAdmin(admin.ModelAdmin):
    list_display = ("name", "how_many", "in_app", "created_at")
    list_filter = ("in_app",)
    search_fields = ("name",)
    fields = ("name", "in_app")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(garment_count=Count("garments"))

    @admin.display(description=_("garments"), ordering="garment_count")
    def how_many(self, collection: Any) -> SafeString:
        address = reverse("admin:catalog_garment_changelist")
        return format_html(
            '<a href="{}?collections__id__exact={}">{}</a>',
            *(address, collection.pk, collection.garment_count),
        )


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ("name", "persons_column", "garments_column")
    search_fields = ("name",)
    fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Counted apart: joined together they would multiply."""
        counts = {"person_count": _count(Person.tags), "garment_count": _count(Garment.tags)}
        return super().get_queryset(request).annotate(**counts)

    @admin.display(description=_("persons"), ordering="person_count")
    def persons_column(self, tag: Any) -> SafeString:
        return _tagged("person", tag, tag.person_count)

    @admin.display(description=_("garments"), ordering="garment_count")
    def garments_column(self, tag: Any) -> SafeString:
        return _tagged("garment", tag, tag.garment_count)


def _count(relation: Any) -> Coalesce:
    rows = relation.through.objects.filter(tag=OuterRef("pk")).order_by().values("tag")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def _tagged(model: str, tag: Tag, count: int) -> SafeString:
    address = reverse(f"admin:catalog_{model}_changelist")
    return format_html('<a href="{}?tags__id__exact={}">{}</a>', address, tag.pk, count)
