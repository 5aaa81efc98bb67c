"""How many calls of a batch's model its account has at work, and how many it may have."""

from __future__ import annotations

from django.utils.translation import gettext as _

from .models import Batch
from .providers import registry
from .recipe import Recipe


def at_once(batch: Batch) -> str:
    """5 of 5 at once; "" where the provider cannot be used, so that nobody knows its limits.

    What it has beyond its limit only waits there, in its own queue.
    """
    account = batch.account
    if registry.unavailable(account.alias):
        return ""
    capabilities = registry.capabilities(account.alias)
    most = account.concurrency or capabilities.concurrency
    model = Recipe.load(batch.recipe).complete(capabilities).model
    n = account.steps.at_work().filter(model=model).count()
    return _("%(n)s of %(most)s at once") % {"n": min(n, most), "most": most}
