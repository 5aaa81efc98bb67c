"""Icons, states, and numbers with their units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal import number_format
from portal.badges import Badge, badge
from providers import registry
from providers.error_help import remedy

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """One icon of the sprite, hidden from screen readers, as the text beside it says the same."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def state(what: str | Badge) -> SafeString:
    """Colour, icon and label of a state."""
    look = what if isinstance(what, Badge) else badge(what)
    return format_html(
        '<span class="state {}" data-badge>{}<span>{}</span></span>',
        look.css,
        icon(look.icon),
        look.word,
    )


@register.simple_tag
def listed(*words: object) -> str:
    """Those of the words that are not empty, with the comma of the reader's language between."""
    return pgettext("list", ", ").join(str(word) for word in words if word)


register.filter(number_format.yuan)
register.filter(number_format.cents)
register.filter(number_format.count)
register.filter(number_format.percent)


@register.filter
def seconds(value: timedelta | float | None) -> str:
    """A span of time: 21.4 s, 3 min 12 s."""
    if value is None:
        return "—"
    total = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if total < 100:
        return _("%(n)s s") % {"n": number_format.decimal(max(total, 0))}
    minutes, rest = divmod(round(total), 60)
    return _("%(m)s min %(s)s s") % {"m": number_format.count(minutes), "s": rest}


@register.filter
def since(end: datetime | None, start: datetime | None) -> timedelta | None:
    """The time from `start` to `end`; None while one of them is not known."""
    return end - start if end and start else None


@register.filter
def of(found: Mapping[str, Any], key: str) -> Any:
    """Look up a key that is a variable in the template."""
    return found.get(key, ())


@register.filter(name="sum")
def total(numbers: Iterable[int]) -> int:
    return sum(numbers)


@register.filter
def short(sha256: str) -> str:
    """The first 12 of a hash: enough to compare by eye."""
    return sha256[:12]


@register.filter
def provider_name(account: object) -> str:
    """The display name of an account's provider; takes the account or its alias."""
    return registry.provider_name(str(account))


@register.filter
def provider_names(accounts: Iterable[object]) -> str:
    """The display names of several providers, one after another."""
    return listed(*map(provider_name, accounts))


@register.filter
def model_name(model: str, account: object) -> str:
    """The display name of a model of an account's provider."""
    return registry.model_name(str(account), model)


@register.filter
def provider_and_model(account: object, model: str) -> str:
    """Both display names."""
    return registry.provider_and_model(str(account), model)


@register.filter
def state_word(value: Any) -> str:
    return badge(str(value)).word if value else ""


@register.filter
def shown(field: BoundField) -> str:
    """The value of a form field as text, for users who may not change it."""
    value = field.value()
    chosen = value if isinstance(value, list) else [value]
    labels = {
        str(option): str(label) for option, label in getattr(field.field, "choices", []) if option
    }
    texts = [labels.get(str(getattr(one, "pk", one)), str(one)) for one in chosen]
    return ", ".join(text for text in texts if text not in ("", "None")) or "—"


@register.filter
def remedy_title(kind: str) -> str:
    """What went wrong, in a few words."""
    return str(remedy(kind).title)
