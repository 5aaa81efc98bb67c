"""Recipe presets and comparisons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from jobs.models import Batch, Comparison, Preset
from jobs.recipe import Recipe
from portal.admin.readonly import ReadOnlyAdmin, ReadOnlyInline, SafeActions, site_url
from providers import registry

# The outfit and gender that allow for the most: what fails for these fails for all.
MOST = (frozenset({"top"}), "woman")
OPTIONS = ("model", "keep_rest", "refine", "samples", "resolution", "restore_face", "extra")
MAX_SAMPLES = 8


class PresetForm(forms.ModelForm):
    """The recipe as fields, instead of the JSON that it is kept as."""

    model = forms.CharField(
        label=_("Model"),
        required=False,
        max_length=60,
        help_text=_("Empty: the provider's usual one."),
    )
    keep_rest = forms.BooleanField(
        label=_("Keep the person's own other half"),
        required=False,
        help_text=_("For a top alone or a bottom alone."),
    )
    refine = forms.BooleanField(label=_("Refine afterwards"), required=False)
    samples = forms.IntegerField(
        label=_("Images a try-on"), min_value=1, max_value=MAX_SAMPLES, initial=1
    )
    resolution = forms.IntegerField(
        label=_("Resolution"), min_value=-1, initial=-1, help_text=_("−1: as the person photo.")
    )
    restore_face = forms.BooleanField(
        label=_("Keep the person's face"), required=False, initial=True
    )
    extra = forms.JSONField(
        label=_("Options of this provider alone"),
        required=False,
        initial=dict,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_('A JSON object, such as {"seed": 7}. Empty: none.'),
    )

    class Meta:
        model = Preset
        fields = ("name", "account")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            recipe = Recipe.load(self.instance.recipe).dump()
            self.initial.update(recipe)

    def clean_extra(self) -> dict[str, Any]:
        extra = self.cleaned_data["extra"] or {}
        if not isinstance(extra, dict):
            raise ValidationError(_("This is no JSON object: write names and values in braces."))
        return extra

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.errors:
            alias = data["account"].alias
            if why := registry.unavailable_reason(alias):
                raise ValidationError(why)
            reasons = self.recipe().refusals(registry.capabilities(alias), *MOST)
            if reasons:
                raise ValidationError(reasons)
        return data

    def recipe(self) -> Recipe:
        return Recipe(**{name: self.cleaned_data[name] for name in OPTIONS})

    def save(self, commit: bool = True) -> Any:
        self.instance.recipe = self.recipe().dump()
        return super().save(commit)


@admin.register(Preset)
class PresetAdmin(SafeActions):
    form = PresetForm
    list_display = ("name", "account", "recipe_text", "created_by", "created_at")
    list_filter = ("account",)
    list_select_related = ("account", "created_by")
    search_fields = ("name",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ("name", "account", "recipe_text")})]
        return [
            (None, {"fields": ("name", "account")}),
            (_("Recipe"), {"fields": OPTIONS}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("recipe_text",)

    @admin.display(description=_("recipe"))
    def recipe_text(self, preset: Preset) -> str:
        """Only what differs from the plain recipe."""
        plain, recipe = Recipe().dump(), Recipe.load(preset.recipe).dump()
        form = self.form.declared_fields
        said = [
            str(form[name].label) if value is True else f"{form[name].label}: {value}"
            for name, value in recipe.items()
            if value != plain[name]
        ]
        return ", ".join(said) or str(_("The provider's usual one"))

    def save_model(self, request: HttpRequest, obj: Preset, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)


class BatchInline(ReadOnlyInline):
    model = Batch
    fields = ("name", "account", "estimate", "spent", "budget", "created_at")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("account")


@admin.register(Comparison)
class ComparisonAdmin(ReadOnlyAdmin):
    list_display = ("name", "by_whom", "created_at")
    search_fields = ("name", "batches__name")
    date_hierarchy = None
    fields = ("name", "created_at")
    inlines = (BatchInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("batches__account")

    @admin.display(description=_("batches"))
    def by_whom(self, comparison: Comparison) -> str:
        """A link to the batch of each provider."""
        batches = comparison.batches.all()
        links = ((site_url(batch) or "", batch.account) for batch in batches)
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "–"
