"""A person's consent: recorded, renewed, withdrawn; and the person erased."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from catalog.consent_form import ConsentForm, form_for, store_document
from catalog.models import Person
from jobs.models import Event
from portal.authenticated_request import AuthenticatedRequest
from portal.badges import Badge, badge
from portal.posts import action
from privacy import consent, erasure

MAX_EVENTS = 20


def consent_context(
    request: AuthenticatedRequest,
    person: Person,
    form: ConsentForm | None = None,
    *,
    count: bool = True,
) -> dict[str, Any]:
    """Return the context of templates/privacy/_consent.html, in a fixed number of queries.

    To `count` the impact of a withdrawal takes a while for a person with many results: without
    it, the panel links to the page that counts.
    """
    today = timezone.localdate()
    refusal = person.consent_refusal(today)
    may_change = request.user.has_perm("catalog.change_person")
    events = Event.objects.filter(kind="person", object_id=person.pk).select_related("by")
    return {
        "person": person,
        "consent_mark": _consent_badge(person, refusal),
        "consent_refusal": refusal,
        "publish_refusal": person.consent_refusal(today, publish=True),
        "consent_form": (form or form_for(person)) if may_change else None,
        "consent_stakes": consent.impact(person) if may_change and count else None,
        "consent_most": consent.MAX_COUNTED,
        "consent_history": list(events.order_by("-id")[:MAX_EVENTS]),
    }


def _consent_badge(person: Person, refusal: str) -> Badge:
    if refusal and person.consent_until and not person.consent_withdrawn_at:
        return Badge("is-bad", "close", _("Consent ended"))
    return badge(consent.state_of(person))


@login_required
@permission_required("catalog.view_person", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def person_consent(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person.objects.team_owned(), pk=pk)
    if request.method == "POST":
        return _record(request, pk)
    return _page(request, person)


def _page(
    request: AuthenticatedRequest, person: Person, form: ConsentForm | None = None
) -> HttpResponse:
    context = consent_context(request, person, form) | {"section": "persons"}
    return render(request, "privacy/consent.html", context)


@permission_required("catalog.change_person", raise_exception=True)
def _record(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Record or renew; the document is written before the row, outside of a transaction."""
    person = get_object_or_404(Person.objects.team_owned(), pk=pk)
    form = ConsentForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, person, form)
    terms = dict(form.cleaned_data)
    document = terms.pop("document")
    name = store_document(person, *document) if document else ""
    consent.record(person, request.user, **terms, document=name)
    messages.success(request, _("The consent is recorded."))
    return _redirect_to_page(pk)


def _redirect_to_page(pk: int) -> HttpResponse:
    return redirect("person-consent", pk)


@action("person-consent", "catalog.change_person")
def person_withdraw(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person.objects.team_owned(), pk=pk)
    unpublish = request.POST.get("unpublish") == "yes"
    done = consent.withdraw(person, request.user, unpublish=unpublish)
    messages.success(request, _("The consent is withdrawn. Nothing more is made of this photo."))
    for text in _withdrawal_messages(done):
        messages.info(request, text)
    return _redirect_to_page(pk)


def _withdrawal_messages(done: consent.Withdrawal) -> list[str]:
    """Say what the withdrawal did, one sentence for each number that is not 0."""
    cancelled = ngettext("%d try-on was cancelled.", "%d try-ons were cancelled.", done.cancelled)
    remaining = ngettext(
        "%d try-on was at a provider already and will finish.",
        "%d try-ons were at a provider already and will finish.",
        done.at_provider,
    )
    unpublished = ngettext(
        "%d result was unpublished.", "%d results were unpublished.", done.unpublished
    )
    counts = (done.cancelled, done.at_provider, done.unpublished)
    texts = (cancelled, remaining, unpublished)
    return [text % n for n, text in zip(counts, texts, strict=True) if n]


@login_required
@permission_required("catalog.delete_person", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def person_erase(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show what will be deleted; erase only when the person's name was typed."""
    person = get_object_or_404(Person.objects.team_owned(), pk=pk)
    if request.method != "POST":
        return _confirmation_page(request, person)
    if request.POST.get("name", "").strip() != person.name.strip():
        return _confirmation_page(
            request, person, _("This is not the person's name. Nothing was erased.")
        )
    try:
        done = erasure.erase_person(person, request.user)
    except erasure.EraseRefused as refused:
        return _confirmation_page(request, person, f"{refused} {_('Nothing was erased.')}")
    except OSError:
        text = _("The storage cannot be reached. Erase it again later: what is left will go then.")
        return _confirmation_page(request, person, text)
    messages.success(request, _("The person is erased. %s.") % str(done).capitalize())
    if done.shared_files:
        text = ngettext(
            "%d picture stays: another record is made of the same file.",
            "%d pictures stay: other records are made of the same files.",
            done.shared_files,
        )
        messages.warning(request, text % done.shared_files)
    return redirect("persons")


def _confirmation_page(
    request: AuthenticatedRequest, person: Person, error: str = ""
) -> HttpResponse:
    context = {
        "person": person,
        "stakes": consent.impact(person),
        "most": consent.MAX_COUNTED,
        "obstacle": erasure.obstacle(person),
        "same_photo": erasure.same_photo(person),
        "error": error,
        "section": "persons",
    }
    return render(request, "privacy/erase.html", context)


@login_required
@permission_required("catalog.change_person", raise_exception=True)
@require_safe
@never_cache
def person_document(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The signed address of the document, which ends within two hours."""
    person = get_object_or_404(Person.objects.team_owned(), pk=pk)
    if not person.consent_document:
        raise Http404
    return redirect(person.consent_document.url)
