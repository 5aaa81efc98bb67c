"""Is the deployment sane? What would fail at night is said at start."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

from . import prices
from .providers import registry
from .providers.base import Provider

MIN_CLAIM_MARGIN_S = 30
PRICE_HINT = (
    'Write {"price": "0.50"} or {"tiers": [[25, "0.30"], [None, "0.275"]]}; '
    '"free", "free_until" (YYYY-MM-DD) and "period" (month, ever) are optional.'
)


@checks.register("providers")
def providers_exist(**kwargs: Any) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    providers: dict[str, dict[str, Any]] = settings.PROVIDERS
    for alias, configured in providers.items():
        try:
            backend = import_string(configured["BACKEND"])
        except (ImportError, KeyError) as error:
            backend = error
        if not (isinstance(backend, type) and issubclass(backend, Provider)):
            found.append(
                checks.Error(
                    f"PROVIDERS[{alias!r}] has no usable BACKEND: {backend}",
                    hint="Name a class of jobs.providers by its dotted path.",
                    id="jobs.E001",
                )
            )
    return found


@checks.register("providers", deploy=True)
def providers_offered(**kwargs: Any) -> list[checks.CheckMessage]:
    """An alias without its key is not offered: the operator should know."""
    reasons = {alias: registry.unavailable(alias) for alias in settings.PROVIDERS}
    return [
        checks.Info(f"The provider {alias!r} is not offered: {reason}", id="jobs.I001")
        for alias, reason in reasons.items()
        if reason
    ]


@checks.register("providers")
def prices_are_sound(**kwargs: Any) -> list[checks.CheckMessage]:
    """A malformed table would be found at the first launch, a misspelt model never."""
    found: list[checks.CheckMessage] = []
    for alias, configured in settings.PROVIDERS.items():
        for model, spec in configured.get("PRICES", {}).items():
            name = f"PROVIDERS[{alias!r}]['PRICES'][{model!r}]"
            try:
                prices.parse(spec)
            except ValueError as error:
                found.append(checks.Error(f"{name}: {error}.", hint=PRICE_HINT, id="jobs.E005"))
            if not registry.unavailable(alias) and model not in registry.capabilities(alias).models:
                found.append(checks.Warning(f"{name} is no model of it.", id="jobs.W001"))
    return found


@checks.register("queue")
def queue_is_sound(**kwargs: Any) -> list[checks.CheckMessage]:
    """The combinations that were measured to run tasks twice or to lose results."""
    queue: dict[str, Any] = settings.Q_CLUSTER
    lanes: dict[str, dict[str, Any]] = {"toile": queue, **queue["ALT_CLUSTERS"]}
    found: list[checks.CheckMessage] = []
    for name, lane in lanes.items():
        if lane["retry"] < lane["timeout"] * 4 + MIN_CLAIM_MARGIN_S:
            hint = "Its lock starts at prefetch: set retry ≥ timeout × 4 + 30."
            found.append(checks.Error(f"Lane {name!r} redelivers work.", hint=hint, id="jobs.E002"))
        if lane["queue_limit"] != lane["workers"] or lane["bulk"] != 1:
            hint = "Set queue_limit to the number of workers, and bulk to 1."
            found.append(checks.Error(f"Lane {name!r} hoards work.", hint=hint, id="jobs.E003"))
    return found


@checks.register(checks.Tags.database)
def sqlite_survives_workers(**kwargs: Any) -> list[checks.CheckMessage]:
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return []
    if database.get("OPTIONS", {}).get("transaction_mode") == "IMMEDIATE":
        return []
    hint = "Set OPTIONS transaction_mode IMMEDIATE, timeout 20 and journal_mode WAL."
    return [checks.Error("SQLite loses writes of parallel workers.", hint=hint, id="jobs.E004")]
