from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import server_error

from tests.factories import make_batch, make_job, make_result, make_user

pytestmark = pytest.mark.django_db


def test_it_works(client: Client) -> None:
    make_user("mei")
    response = client.post("/login/", {"username": "mei", "password": "x"})
    assert response.headers["Location"] == "/overview/"
    assert client.get("/overview/").status_code == 200


def test_root_goes_to_the_overview(viewer: Client) -> None:
    assert viewer.get("/").headers["Location"] == "/overview/"


def test_a_wrong_password_is_reported(client: Client) -> None:
    response = client.post("/login/", {"username": "mei", "password": "no"})
    assert 'id="login-error"' in response.content.decode()


def test_next_stays_on_this_site(client: Client) -> None:
    make_user("mei")
    fields = {"username": "mei", "password": "x", "next": "https://elsewhere.example/"}
    assert client.post("/login/", fields).headers["Location"] == "/overview/"


def test_signing_out_needs_a_post(viewer: Client) -> None:
    assert viewer.get("/logout/").status_code == 405
    assert viewer.post("/logout/").headers["Location"] == "/login/"
    assert viewer.get("/gallery/").status_code == 302


PAGES = ["overview", "gallery", "batches", "batch", "batch-progress", "result", "job"]
ACTIONS = ["decide", "job-repeat", "job-cancel", "job-settle", "batch-cancel", "batch-retry"]


def _address(name: str) -> str:
    if name in {"overview", "gallery", "batches"}:
        return reverse(name)
    if name.startswith("batch"):
        return reverse(name, args=[make_batch().pk])
    if name in {"result", "decide"}:
        return reverse(name, args=[make_result().pk])
    return reverse(name, args=[make_job().pk])


@pytest.mark.parametrize("name", PAGES)
def test_pages_need_a_login(client: Client, viewer: Client, name: str) -> None:
    address = _address(name)
    assert client.get(address).headers["Location"].startswith("/login/")
    assert viewer.get(address).status_code == 200


@pytest.mark.parametrize("name", ACTIONS)
def test_actions_need_their_right(
    client: Client, viewer: Client, reviewer: Client, operator: Client, name: str
) -> None:
    address = _address(name)
    may, may_not = (reviewer, operator) if name == "decide" else (operator, reviewer)
    assert client.post(address).headers["Location"].startswith("/login/")
    assert viewer.post(address).status_code == 403
    assert may_not.post(address).status_code == 403
    assert may.post(address, {"verdict": "approved"}).status_code == 302
    assert client.get(address).headers["Location"] == address.rsplit("/", 2)[0] + "/"


@pytest.mark.parametrize("path", ["results", "jobs", "batches"])
@pytest.mark.parametrize("pk", [999999, 99999999999999999999])
def test_what_does_not_exist_is_404(viewer: Client, path: str, pk: int) -> None:
    response = viewer.get(f"/{path}/{pk}/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_an_expired_form_is_explained() -> None:
    response = Client(enforce_csrf_checks=True).post("/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert "This form has expired" in response.content.decode()


def test_the_error_page_needs_no_database(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        response = server_error(RequestFactory().get("/"))
    assert "Nothing was lost" in response.content.decode()


def test_theme_is_a_cookie_that_the_page_obeys(viewer: Client) -> None:
    response = viewer.post("/theme/", {"theme": "dark", "next": "/batches/"})
    assert response.headers["Location"] == "/batches/"
    assert 'data-theme="dark"' in viewer.get("/gallery/").content.decode()
    viewer.post("/theme/", {"theme": ""})
    assert "data-theme=" not in viewer.get("/gallery/").content.decode()


def test_theme_does_not_lead_elsewhere(viewer: Client) -> None:
    response = viewer.post("/theme/", {"theme": "dark", "next": "//elsewhere.example/"})
    assert response.headers["Location"] == "/gallery/"


def test_the_admin_shares_theme_and_sign_in(client: Client) -> None:
    make_user("root", is_superuser=True)
    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")
    assert client.get("/admin/login/").headers["Location"].startswith("/login/")
    client.login(username="root", password="x")
    client.cookies["theme"] = "dark"
    page = client.get("/admin/").content.decode()
    assert '<body class="theme-dark' in page
    assert "/batches/" in page


def test_the_admin_takes_no_password_itself(viewer: Client) -> None:
    make_user("root", is_superuser=True)
    response = viewer.post("/admin/login/", {"username": "root", "password": "x"})
    assert response.headers["Location"] == "/admin/"
    assert viewer.get("/admin/auth/user/").status_code == 403


def test_pages_without_inline_code(viewer: Client) -> None:
    for name in PAGES:
        text = viewer.get(_address(name)).content.decode()
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick=" not in text
