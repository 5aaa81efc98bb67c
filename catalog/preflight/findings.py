"""Every image rule of every provider against what is known of a photo. Pure: reads no file.

A rule whose fact is not known yet says nothing; `unmeasured` names those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from catalog.preflight.messages import MENDS, remark_of
from providers import registry
from providers.image_rules import Rule, Severity

if TYPE_CHECKING:
    from catalog.models import Asset

# Enlarging more than this gives a provider pixels that show nothing.
MOST_ENLARGED = 2.0


@dataclass(frozen=True)
class Finding:
    """A rule that a photo breaks, named once for all providers that agree on its severity.

    `title` says it in a few words, `message` with its numbers. `limit` is the strictest of
    theirs; `mend` is what `catalog.preflight.fixes` can do about it, or "". `slots`: it stands in
    the way of these garments only.
    """

    rule: str
    value: str
    limit: str
    providers: tuple[str, ...]
    severity: Severity
    message: str
    remedy: str
    mend: str = ""
    slots: tuple[str, ...] = ()
    title: str = ""


def findings(
    asset: Asset,
    aliases: Iterable[str] | None = None,
    slots: Iterable[str] | None = None,
) -> list[Finding]:
    """What these aliases' providers (all, unless named) have against it, refusals first.

    `slots`: leave out rules that concern only outfits without any of these.
    """
    values = _values(asset)
    broken: dict[tuple[str, str, frozenset[str]], dict[str, Rule]] = {}
    for provider, rule in _rules(asset, aliases):
        concerned = slots is None or not rule.slots or bool(rule.slots & set(slots))
        if concerned and rule.name in values and not allows(rule, values[rule.name]):
            broken.setdefault((rule.name, rule.severity, rule.slots), {})[provider] = rule
    found = [_finding(rules, values, asset.facts) for rules in broken.values()]
    return sorted(found, key=lambda finding: finding.severity)


def unmeasured(asset: Asset) -> list[str]:
    """Names of the rules that nobody could check yet, for want of an engine or of time."""
    values = _values(asset)
    return list(dict.fromkeys(rule.name for _of, rule in _rules(asset) if rule.name not in values))


def verdict(asset: Asset) -> str:
    """The worst finding in one word: "refuse", "warn", "fine"; "" while not all is measured."""
    severities = {"warn" if f.slots else f.severity for f in findings(asset)}
    for severity in ("refuse", "warn"):
        if severity in severities:
            return severity
    return "" if unmeasured(asset) else "fine"


def allows(rule: Rule, value: float | str) -> bool:
    """Whether a fact is within the rule; its ends are."""
    if isinstance(value, str):
        return value in rule.among
    above = rule.least is None or value >= rule.least
    return above and (rule.most is None or value <= rule.most)


def _rules(asset: Asset, aliases: Iterable[str] | None = None) -> list[tuple[str, Rule]]:
    rules = registry.image_rules(aliases)
    return [(provider, rule) for provider, rule in rules if rule.subject == asset.subject]


def _values(asset: Asset) -> dict[str, Any]:
    """The facts under the names of the rules; 1 and 0 for yes and no."""
    facts: Mapping[str, Any] = asset.facts
    values = {k: int(v) if isinstance(v, bool) else v for k, v in facts.items()}
    if "width" in facts:
        short, long = sorted((facts["width"], facts["height"]))
        values |= {"short_side": short, "long_side": long, "ratio": long / max(1, short)}
    return values | asset.stated_facts()


def _finding(
    rules: Mapping[str, Rule], values: Mapping[str, Any], facts: Mapping[str, Any]
) -> Finding:
    """`rules`: the broken one of each provider."""
    rule = next(iter(rules.values()))
    value = values[rule.name]
    rule = _strictest(list(rules.values()), value)
    remark = remark_of(rule)
    high = not isinstance(value, str) and rule.most is not None and value > rule.most
    limit = rule.most if high else rule.least
    mend = _mend(rule.name, high, float(limit or 0), facts)
    remedy = (
        _("%(mend)s it: one click on its page.") % {"mend": MENDS[mend]}
        if mend
        else str(remark.remedy)
    )
    title = str(remark.high if high else remark.title)
    shown = value if isinstance(value, str) else remark.unit(value)
    asked = ", ".join(sorted(rule.among)) if rule.among else remark.unit(float(limit or 0))
    return Finding(
        rule.name,
        shown,
        asked,
        tuple(rules),
        rule.severity,
        _sentence(title, shown, asked, high),
        remedy,
        mend,
        tuple(sorted(rule.slots)),
        title,
    )


def _strictest(rules: list[Rule], value: float | str) -> Rule:
    if isinstance(value, str):
        return rules[0]
    over = [rule for rule in rules if rule.most is not None and value > rule.most]
    if over:
        return min(over, key=lambda rule: rule.most or 0)
    return max(rules, key=lambda rule: rule.least or 0)


def _sentence(title: str, shown: str, asked: str, high: bool) -> str:
    if not shown:
        return title
    words = {"title": title, "value": shown, "limit": asked}
    if high:
        return _("%(title)s: %(value)s, at most %(limit)s") % words
    return _("%(title)s: %(value)s, needs %(limit)s") % words


def _mend(name: str, high: bool, limit: float, facts: Mapping[str, Any]) -> str:
    """What can be mended without a new photo."""
    if name in {"short_side", "long_side", "bytes"}:
        return _mend_size(name, high, limit, facts)
    if name in {"share", "torso", "fills"}:
        return "crop" if "box" in facts else ""
    return {"format": "convert", "ratio": "pad"}.get(name, "")


def _mend_size(name: str, high: bool, limit: float, facts: Mapping[str, Any]) -> str:
    if high:
        return "recompress" if name == "bytes" else "resize"
    if name == "bytes":
        return "resize"
    short, long = sorted((facts["width"], facts["height"]))
    if limit <= MOST_ENLARGED * (short if name == "short_side" else long):
        return "resize"
    # A narrow picture has pixels enough, on the other side.
    return "pad" if name == "short_side" and long >= limit else ""
