"""Decisions as the console sends them, one or several at a time, and what it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from jobs.models import Result
from review.decide import confirmation_text, decide
from review.models import DecisionRefused
from review.views.forms import DecisionForm

# One request has no more of them; the console sends the rest afterwards.
MOST = 50
# No database has larger ids.
HIGHEST = 2**63 - 1


class SentForm(DecisionForm):
    result = forms.IntegerField(min_value=1, max_value=HIGHEST)
    key = forms.UUIDField()
    undoes = forms.UUIDField(required=False)


def answers(sent: Sequence[Any], by: Any) -> list[dict[str, Any]]:
    """One of each, in order: `key`, `status` as of HTTP, and the text for the reviewer."""
    return [answer(each if isinstance(each, dict) else {}, by) for each in sent]


def answer(sent: dict[str, Any], by: Any) -> dict[str, Any]:
    key, form = str(sent.get("key", "")), SentForm(sent)
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
    return {"key": key, "status": status, "words": text, **more}
