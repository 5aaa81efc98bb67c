"""Decisions as the console sends them, one or several at a time, and the responses to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from jobs.models import Result
from review.decide import confirmation_text, decide
from review.models import DecisionRefused
from review.views.forms import DecisionForm

# Of one request; the console sends the rest afterwards.
MAX_DECISIONS = 50
# No database has larger ids.
MAX_ID = 2**63 - 1


class SentDecisionForm(DecisionForm):
    result = forms.IntegerField(min_value=1, max_value=MAX_ID)
    key = forms.UUIDField()
    undoes = forms.UUIDField(required=False)


def decide_each(sent: Sequence[Any], by: User | None) -> list[dict[str, Any]]:
    """Decide each; return in order `key`, `status` as of HTTP, and `words` for the reviewer."""
    return [decide_one(each if isinstance(each, dict) else {}, by) for each in sent]


def decide_one(sent: dict[str, Any], by: User | None) -> dict[str, Any]:
    key, form = str(sent.get("key", "")), SentDecisionForm(sent)
    if not form.is_valid():
        return _response(key, 400, _("This decision is not known."))
    fields = form.cleaned_data
    result = Result(pk=fields.pop("result"))
    try:
        decision = decide(result, fields.pop("verdict"), by, **fields)
    except Result.DoesNotExist:
        return _response(key, 404, _("This image does not exist any more."))
    except DecisionRefused as refused:
        return _response(key, 409, str(refused), code=refused.code)
    return _response(key, 200, confirmation_text(decision), opinion=decision.opinion)


def _response(key: str, status: int, text: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "status": status, "text": text, **more}
