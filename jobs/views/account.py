"""Pausing and resuming a provider's account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from jobs.models import ProviderAccount
from jobs.wakeups import wake_dispatcher
from portal.posts import action, back
from providers import registry


@login_required
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """An account has no page of its own: it is on the overview."""
    return redirect(f"{reverse('overview')}#account-{pk}")


@action("account", "jobs.change_provideraccount")
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    paused = get_object_or_404(ProviderAccount, pk=pk)
    name = {"account": registry.provider_name(paused.alias)}
    if paused.pause(_("Paused by %(user)s.") % {"user": request.user}, by=request.user):
        text = _("%(account)s is paused: nothing more is sent, what runs will finish.")
        messages.success(request, text % name)
    else:
        messages.info(request, _("%(account)s was already paused.") % name)
    return back(request, "overview")


@action("account", "jobs.change_provideraccount")
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    resumed = get_object_or_404(ProviderAccount, pk=pk)
    name = {"account": registry.provider_name(resumed.alias)}
    if resumed.resume(by=request.user):
        wake_dispatcher()
        messages.success(request, _("%(account)s goes on.") % name)
    else:
        messages.info(request, _("%(account)s was not paused.") % name)
    return back(request, "overview")
