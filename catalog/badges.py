"""How a word about a photo looks: colour, icon and word, always the three together."""

from __future__ import annotations

from django.utils.translation import gettext as _

from catalog.models import Asset, Person
from catalog.preflight.findings import findings
from portal.badges import Badge

_VERDICTS: dict[str, tuple[str, str]] = {
    Asset.Verdict.REFUSE: ("is-bad", "attention"),
    Asset.Verdict.WARN: ("is-warn", "attention"),
    Asset.Verdict.FINE: ("is-ok", "check"),
}
_CONSENTS = {
    Person.ConsentState.FINE: ("is-ok", "check"),
    Person.ConsentState.ENDS_SOON: ("is-warn", "clock"),
    Person.ConsentState.ENDED: ("is-bad", "clock"),
    Person.ConsentState.MISSING: ("is-bad", "attention"),
    Person.ConsentState.WITHDRAWN: ("is-bad", "canceled"),
}


def of_verdict(asset: Asset) -> Badge:
    css, icon = _VERDICTS.get(asset.verdict, ("", "pending"))
    return Badge(css, icon, asset.get_verdict_display() if asset.verdict else _("Not measured yet"))


def of_worst(asset: Asset) -> Badge | None:
    """The worst finding in a few words, for a card; None where nothing is against the photo."""
    if asset.verdict not in (Asset.Verdict.REFUSE, Asset.Verdict.WARN):
        return None
    found = findings(asset)
    return of_verdict(asset)._replace(word=found[0].title) if found else None


def of_severity(severity: str) -> Badge:
    """What a finding does to a try-on."""
    word = _("Refused") if severity == "refuse" else _("Warning")
    return Badge(*_VERDICTS[Asset.Verdict(severity)], word)


def of_consent(state: str) -> Badge:
    """The look of a Person.ConsentState."""
    known = Person.ConsentState(state)
    return Badge(*_CONSENTS[known], str(known.label))
