"""Shoppers, who sign up in the app, see no page of the portal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories import make_gallery, make_public, make_result, make_user

VALUES = {
    "int": "1",
    "str": "x",
    "slug": "spring",
    "path": "x",
    "expires": "1",
    "signature": "x",
    "token": "x",
}
# Everybody's, and what one needs to get in and out.
OPEN = {
    "public-galleries",
    "public-gallery",
    "public-look",
    "shared-gallery",
    "shared-look",
    "shared-zip",
    "private-file",
    "public-file",
    "hook-dashscope",
    "login",
    "account_login",
    "mfa_authenticate",
    "logout",
    "set-language",
    "theme",
}


@pytest.fixture
def shopper(db: None) -> Client:
    user = User.objects.create_user("ada", password="x")
    user.groups.add(Group.objects.get_or_create(name="shopper")[0])
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def addresses() -> Iterator[tuple[str, str]]:
    """Name and address of every page of the portal and the administration."""
    yield from _walk(get_resolver().url_patterns, "", "")


def _walk(patterns: list[URLPattern | URLResolver], prefix: str, space: str) -> Iterator:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if route.startswith(("_allauth/", "api/", "^_allauth")):
            continue
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, route, inner)
        else:
            yield space + (pattern.name or ""), "/" + _filled(route)


def _filled(route: str) -> str:
    if "(" in route:
        return "public/" + "0" * 32 + "/1.jpg" if route.startswith("^public") else "admin/r/1/1/"
    for part in [part for part in route.split("/") if ":" in part]:
        kind = part.strip("<>").partition(":")[0]
        route = route.replace(part, VALUES[kind], 1)
    return route.replace("$", "").replace("\\Z", "")


def test_it_works(shopper: Client) -> None:
    response = shopper.get("/overview/")
    assert response.status_code == 403
    assert "This account is for the app" in response.content.decode()


def test_every_page_is_closed_to_shoppers(shopper: Client) -> None:
    result = make_result()
    make_gallery(make_public(), name="Spring", access="public")
    walked, wrong = set(), {}
    for name, address in addresses():
        address = address.replace("/1/", f"/{result.pk}/")
        walked.add(name)
        for method in ("get", "post"):
            status = getattr(shopper, method)(address).status_code
            if status != 403 and name not in OPEN and not name.startswith("admin:"):
                wrong[f"{method} {address}"] = status
            # The admin sends users who are not staff to the sign-in page.
            if name.startswith("admin:") and status not in (302, 403, 404):
                wrong[f"{method} {address}"] = status
            if name == "logout" and method == "post":
                shopper.force_login(User.objects.get(username="ada"))
    assert wrong == {}
    assert walked >= OPEN - {"public-file"}
    assert len(walked) > 100


def test_public_pages_stay_open(shopper: Client) -> None:
    gallery = make_gallery(make_public(), name="Spring", access="public")
    assert shopper.get("/g/").status_code == 200
    assert shopper.get(f"/g/{gallery.slug}/").status_code in (200, 404)


def test_signing_in_at_the_portal_is_refused(shopper: Client) -> None:
    client = Client()
    response = client.post("/login/", {"username": "ada", "password": "x"})
    assert "This account is for the app" in response.content.decode()
    assert client.get("/overview/").status_code == 302
    wrong = client.post("/login/", {"username": "ada", "password": "no"})
    assert "This account is for the app" not in wrong.content.decode()


def test_somebody_in_no_group_is_no_shopper_yet_sees_no_more(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody"))
    assert client.get("/overview/").status_code == 403


def test_a_user_with_any_right_is_a_staff_member(shopper: Client) -> None:
    user = User.objects.get(username="ada")
    user.user_permissions.add(Permission.objects.get(codename="view_result"))
    assert shopper.get("/overview/").status_code == 200


def test_it_costs_staff_members_no_query(db: None, django_assert_num_queries: object) -> None:
    """Staff are known without asking for their rights."""
    client = Client()
    client.force_login(make_user("mei"))
    with django_assert_num_queries(2):  # type: ignore[operator]
        client.get("/login/")
