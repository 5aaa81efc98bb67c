"""System checks of providers, queue and database: report at start what would fail later."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.files.storage import default_storage
from django.utils.module_loading import import_string

from providers import pricing, registry
from providers.contract import Provider

MIN_CLAIM_MARGIN_S = 30
PRICE_HINT = (
    'Write {"price": "0.50"} or {"tiers": [[25, "0.30"], [None, "0.275"]]}; '
    '"free", "free_until" (YYYY-MM-DD) and "period" (month, ever) are optional.'
)


@checks.register("providers")
def providers_exist(**kwargs: Any) -> list[checks.CheckMessage]:
    """Report a BACKEND that cannot be imported or is no Provider."""
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
                    hint="Name a class of providers by its dotted path.",
                    id="jobs.E001",
                )
            )
    return found


@checks.register("providers", deploy=True)
def providers_offered(**kwargs: Any) -> list[checks.CheckMessage]:
    """Report each alias that is not offered, and why: usually its key is missing."""
    reasons = {alias: registry.unavailable_reason(alias) for alias in settings.PROVIDERS}
    return [
        checks.Info(f"The provider {alias!r} is not offered: {reason}", id="jobs.I001")
        for alias, reason in reasons.items()
        if reason
    ]


@checks.register("providers")
def prices_are_sound(**kwargs: Any) -> list[checks.CheckMessage]:
    """Report malformed price tables, and prices of models that do not exist.

    The first would be found at the first launch, a misspelt model never.
    """
    found: list[checks.CheckMessage] = []
    for alias, configured in settings.PROVIDERS.items():
        for model, spec in configured.get("PRICES", {}).items():
            name = f"PROVIDERS[{alias!r}]['PRICES'][{model!r}]"
            try:
                pricing.parse(spec)
            except ValueError as error:
                found.append(checks.Error(f"{name}: {error}.", hint=PRICE_HINT, id="jobs.E005"))
            if (
                not registry.unavailable_reason(alias)
                and model not in registry.capabilities(alias).models
            ):
                found.append(checks.Warning(f"{name} is no model of it.", id="jobs.W001"))
    return found


@checks.register("providers")
def images_can_be_delivered(**kwargs: Any) -> list[checks.CheckMessage]:
    """Report a delivery that the provider does not take, or that needs a missing storage."""
    found: list[checks.CheckMessage] = []
    for alias in settings.PROVIDERS:
        try:
            backend, way = registry.backend(alias), registry.delivery(alias)
        except (ImportError, KeyError):
            continue  # `providers_exist` reports it
        if way not in backend.deliveries:
            hint = f"It is one of {', '.join(sorted(backend.deliveries))}."
            found.append(
                checks.Error(f"{alias!r} has no delivery {way!r}.", hint=hint, id="jobs.E006")
            )
        elif way == "object-storage" and not hasattr(default_storage, "bucket_name"):
            message = f"{alias!r} delivers from object storage, and there is none."
            found.append(checks.Error(message, hint="Set S3_BUCKET.", id="jobs.E007"))
    return found


@checks.register("providers", deploy=True)
def public_address_is_public(**kwargs: Any) -> list[checks.CheckMessage]:
    """Report a PUBLIC_BASE_URL that providers cannot fetch from.

    They refuse private addresses: each image would fail after it was queued.
    """
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname or ""
    if not (host in {"", "localhost"} or _is_private(host)):
        return []
    remote = [alias for alias in registry.available() if not registry.capabilities(alias).runs_here]
    hint = "Set PUBLIC_BASE_URL to an address that the provider reaches, or another delivery."
    return [
        checks.Warning(f"{alias!r} cannot fetch images from here.", hint=hint, id="jobs.W002")
        for alias in remote
        if registry.delivery(alias) == "signed"
    ]


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


@checks.register("queue")
def queue_is_sound(**kwargs: Any) -> list[checks.CheckMessage]:
    """Report queue settings that were measured to run tasks twice or to lose results."""
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
    """Report SQLite settings under which parallel workers lose writes."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return []
    if database.get("OPTIONS", {}).get("transaction_mode") == "IMMEDIATE":
        return []
    hint = "Set OPTIONS transaction_mode IMMEDIATE, timeout 20 and journal_mode WAL."
    return [checks.Error("SQLite loses writes of parallel workers.", hint=hint, id="jobs.E004")]
