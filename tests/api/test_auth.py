"""Signing in from the app: through allauth's own addresses, without a cookie."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from api.framework.authentication import AppToken
from tests.factories import make_user

pytestmark = pytest.mark.django_db

ROOT = "/_allauth/app/v1"
PASSWORD = "a-long-enough-word"


class App:
    """A phone: JSON, a token in a header, no cookie kept."""

    def __init__(self, token: str = "", **headers: str) -> None:
        self.token, self.headers = token, {"User-Agent": "Toile/1.0 (iPhone)"} | headers

    def __call__(self, method: str, path: str, data: Any = None) -> Any:
        headers = self.headers | ({"X-Session-Token": self.token} if self.token else {})
        client = Client(enforce_csrf_checks=True)
        send = getattr(client, method)
        body = {"data": data, "content_type": "application/json"} if data else {}
        response = send(f"{ROOT}/{path}", headers=headers, **body)
        assert not response.cookies
        meta = response.json().get("meta", {})
        self.token = meta.get("session_token") or self.token
        return response

    def login(self, username: str = "ada", password: str = PASSWORD) -> Any:
        return self("post", "auth/login", {"username": username, "password": password})


def shopper(name: str = "ada", **fields: Any) -> User:
    user = User.objects.create_user(name, password=PASSWORD, **fields)
    user.groups.add(Group.objects.get_or_create(name="shopper")[0])
    return user


def signed_in(name: str = "ada") -> App:
    app = App()
    assert app.login(name).status_code == 200
    return app


class Whoami(APIView):
    authentication_classes = [AppToken]
    permission_classes: ClassVar[list[Any]] = []
    throttle_classes: ClassVar[list[Any]] = []

    def get(self, request: Any) -> Response:
        if not request.user.is_authenticated:
            self.permission_denied(request)
        return Response({"name": request.user.username})


def ask(**headers: str) -> Any:
    return Whoami.as_view()(APIRequestFactory().get("/", headers=headers))


def test_it_works() -> None:
    shopper()
    token = signed_in().token
    assert ask(Authorization=f"Bearer {token}").data == {"name": "ada"}
    assert ask(authorization=f"bearer {token}").data == {"name": "ada"}
    assert ask(**{"X-Session-Token": token}).data == {"name": "ada"}


def test_without_a_token_one_is_asked_for() -> None:
    response = ask()
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")


NO_TOKENS = ["", " ", "\0", "a" * 31 + "\0", "x" * 10_240, "é" * 32, "令牌", "A" * 32, "a" * 32]


@pytest.mark.parametrize("token", NO_TOKENS)
def test_what_is_no_token_is_401(token: str) -> None:
    assert ask(Authorization=f"Bearer {token}").status_code == 401
    if token:
        assert ask(**{"X-Session-Token": token}).status_code == 401
        response = Client().get(f"{ROOT}/auth/session", headers={"X-Session-Token": token})
        assert response.status_code in (401, 410)


def test_a_wrong_password_and_a_wrong_name_look_alike() -> None:
    shopper()
    wrong, nobody = App().login(password="no"), App().login("nobody")
    assert wrong.status_code == nobody.status_code == 400
    assert wrong.json() == nobody.json()


def test_login_by_address() -> None:
    shopper(email="ada@example.com")
    app = App()
    data = {"email": "ADA@example.com", "password": PASSWORD}
    assert app("post", "auth/login", data).status_code == 200
    assert ask(Authorization=f"Bearer {app.token}").status_code == 200


def test_who_is_deactivated_is_out() -> None:
    user = shopper()
    token = signed_in().token
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert ask(Authorization=f"Bearer {token}").status_code == 401
    assert App().login().status_code in (400, 401)


def test_signing_out_ends_the_token() -> None:
    shopper()
    app = signed_in()
    token = app.token
    assert app("delete", "auth/session").status_code == 401
    assert ask(Authorization=f"Bearer {token}").status_code == 401
    assert not UserSession.objects.exists()


def test_a_token_is_read_by_two_queries(django_assert_num_queries: Any) -> None:
    shopper()
    headers = {"Authorization": f"Bearer {signed_in().token}"}
    with django_assert_num_queries(2):
        assert ask(**headers).status_code == 200


def test_a_token_in_use_lives_on(django_assert_num_queries: Any) -> None:
    shopper()
    token = signed_in().token
    left = Session.objects.get(pk=token).expire_date - timezone.now()
    assert timedelta(days=89) < left <= timedelta(days=90)
    long_ago = timezone.now() - timedelta(days=50)
    Session.objects.filter(pk=token).update(expire_date=timezone.now() + timedelta(days=40))
    UserSession.objects.update(last_seen_at=long_ago)
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "Toile/2.0"}
    with django_assert_num_queries(4):
        ask(**headers)
    with django_assert_num_queries(2):
        ask(**headers)
    left = Session.objects.get(pk=token).expire_date - timezone.now()
    device = UserSession.objects.get()
    assert left > timedelta(days=89)
    assert device.last_seen_at > long_ago + timedelta(days=49)
    assert device.user_agent == "Toile/2.0"


def test_a_token_unused_for_long_has_ended() -> None:
    shopper()
    token = signed_in().token
    Session.objects.filter(pk=token).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert ask(Authorization=f"Bearer {token}").status_code == 401


def test_a_cookie_of_the_portal_is_no_token_and_a_token_no_cookie() -> None:
    user = make_user("mei")
    browser = Client()
    browser.force_login(user)
    key = browser.cookies["sessionid"].value
    assert ask(Authorization=f"Bearer {key}").status_code == 401
    app = App()
    app.login("mei", "x")
    stranger = Client()
    stranger.cookies["sessionid"] = app.token
    assert stranger.get("/overview/").status_code == 403
    assert browser.get("/overview/").status_code == 200


def test_devices_are_listed_and_revoked_at_once() -> None:
    shopper()
    phone, tablet = signed_in(), App(**{"User-Agent": "Toile/1.0 (iPad)"})
    tablet.login()
    listed = phone("get", "auth/sessions").json()["data"]
    assert {device["user_agent"] for device in listed} == {
        "Toile/1.0 (iPhone)",
        "Toile/1.0 (iPad)",
    }
    assert all({"ip", "created_at", "last_seen_at"} <= device.keys() for device in listed)
    [other] = [device["id"] for device in listed if not device["is_current"]]
    assert phone("delete", "auth/sessions", {"sessions": [other]}).status_code == 200
    assert ask(Authorization=f"Bearer {tablet.token}").status_code == 401
    assert ask(Authorization=f"Bearer {phone.token}").status_code == 200


def test_nobody_revokes_the_devices_of_others() -> None:
    shopper()
    shopper("bob")
    ada, bob = signed_in(), signed_in("bob")
    theirs = UserSession.objects.get(user__username="bob").pk
    assert ada("delete", "auth/sessions", {"sessions": [theirs]}).status_code == 400
    assert ask(Authorization=f"Bearer {bob.token}").status_code == 200


def test_another_password_ends_the_other_devices() -> None:
    shopper()
    phone, tablet = signed_in(), signed_in()
    before = phone.token
    data = {"current_password": PASSWORD, "new_password": "another-long-word"}
    assert phone("post", "account/password/change", data).status_code == 200
    assert ask(Authorization=f"Bearer {tablet.token}").status_code == 401
    assert ask(Authorization=f"Bearer {phone.token}").status_code == 200
    if phone.token != before:
        assert ask(Authorization=f"Bearer {before}").status_code == 401


# --- the second factor ---


def code_of(secret: str) -> str:
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def with_second_factor(user: User) -> Callable[[], str]:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    return lambda: code_of(secret)


def test_the_second_factor_is_set_up_and_asked_for() -> None:
    shopper()
    app = signed_in()
    offered = app("get", "account/authenticators/totp")
    assert offered.status_code == 404
    secret = offered.json()["meta"]["secret"]
    code = {"code": code_of(secret)}
    assert app("post", "account/authenticators/totp", code).status_code == 401
    assert app("post", "auth/reauthenticate", {"password": PASSWORD}).status_code == 200
    assert app("post", "account/authenticators/totp", code).status_code == 200
    assert Authenticator.objects.count() == 2
    codes = app("get", "account/authenticators/recovery-codes").json()["data"]["unused_codes"]

    other = App()
    asked = other.login()
    assert asked.status_code == 401
    pending = {f["id"] for f in asked.json()["data"]["flows"] if f.get("is_pending")}
    assert pending == {"mfa_authenticate"}
    assert ask(Authorization=f"Bearer {other.token}").status_code == 401
    assert other("post", "auth/2fa/authenticate", {"code": "000000"}).status_code == 400
    assert other("post", "auth/2fa/authenticate", {"code": codes[0]}).status_code == 200
    assert ask(Authorization=f"Bearer {other.token}").status_code == 200


def test_the_portal_asks_for_the_second_factor_too() -> None:
    code = with_second_factor(make_user("mei"))
    client = Client()
    response = client.post("/login/", {"username": "mei", "password": "x", "next": "/batches/"})
    assert response.headers["Location"] == "/login/code/"
    assert client.get("/overview/").status_code == 302
    assert 'name="code"' in client.get("/login/code/").content.decode()
    wrong = client.post("/login/code/", {"code": "nonsense"})
    assert 'id="login-error"' in wrong.content.decode()
    assert client.post("/login/code/", {"code": code()}).headers["Location"] == "/batches/"
    assert client.get("/overview/").status_code == 200


def test_the_second_step_can_be_given_up() -> None:
    with_second_factor(make_user("mei"))
    client = Client()
    client.post("/login/", {"username": "mei", "password": "x"})
    assert client.get("/login/").headers["Location"] == "/login/code/"
    client.post("/logout/")
    assert client.get("/login/").status_code == 200
    assert client.get("/login/code/").headers["Location"] == "/login/"


# --- sign-up ---


@pytest.fixture
def open_house(settings: Any) -> None:
    settings.SIGN_UP = True
    settings.SIGN_UP_VERIFY_EMAIL = False


def code_in(text: str) -> str:
    """The line that is a code: XXXX-XXXX."""
    return next(iter(re.findall(r"^[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}$", text, re.MULTILINE)))


def sign_up(app: App, email: str = "eve@example.com", **more: Any) -> Any:
    return app("post", "auth/signup", {"email": email, "password": PASSWORD} | more)


def test_nobody_signs_up_where_that_is_closed() -> None:
    assert sign_up(App()).status_code == 403
    assert not User.objects.exists()


def test_who_signs_up_is_a_shopper_and_no_more(open_house: None) -> None:
    app = App()
    more = {"is_staff": True, "is_superuser": True, "groups": ["merchandiser"]}
    assert sign_up(app, **more).status_code == 200
    user = User.objects.get()
    assert [group.name for group in user.groups.all()] == ["shopper"]
    assert (user.is_staff, user.is_superuser, user.get_all_permissions()) == (False, False, set())
    assert ask(Authorization=f"Bearer {app.token}").status_code == 200


def test_a_weak_password_makes_no_account(open_house: None) -> None:
    assert sign_up(App(), password="12345").status_code == 400
    assert not User.objects.exists()


def test_an_address_is_proved_by_a_code(settings: Any) -> None:
    settings.SIGN_UP = settings.SIGN_UP_VERIFY_EMAIL = True
    app = App()
    assert sign_up(app).status_code == 401
    assert ask(Authorization=f"Bearer {app.token}").status_code == 401
    [message] = mail.outbox
    code = code_in(message.body)
    assert app("post", "auth/email/verify", {"key": "WRONG1"}).status_code == 400
    assert app("post", "auth/email/verify", {"key": code}).status_code == 200
    assert ask(Authorization=f"Bearer {app.token}").status_code == 200


def test_the_team_verifies_no_address(settings: Any) -> None:
    settings.SIGN_UP_VERIFY_EMAIL = True
    make_user("mei", email="mei@example.com")
    make_user("ann")
    for name in ("mei", "ann"):
        assert App().login(name, "x").status_code == 200
        page = Client().post("/login/", {"username": name, "password": "x"})
        assert page.headers["Location"] == "/overview/"
    assert mail.outbox == []


def test_signing_up_tells_nobody_who_has_an_account(settings: Any) -> None:
    settings.SIGN_UP = settings.SIGN_UP_VERIFY_EMAIL = True
    shopper(email="ada@example.com")
    known, unknown = sign_up(App(), "ada@example.com"), sign_up(App(), "eve@example.com")
    assert known.status_code == unknown.status_code == 401
    assert known.json()["data"] == unknown.json()["data"]
    assert len(mail.outbox) == 2


# --- a forgotten password ---


def test_a_forgotten_password_is_set_by_a_code() -> None:
    user = shopper(email="ada@example.com")
    old = signed_in()
    app = App()
    assert app("post", "auth/password/request", {"email": user.email}).status_code == 401
    [message] = mail.outbox
    code = code_in(message.body)
    data = {"key": code, "password": "another-long-word"}
    assert app("post", "auth/password/reset", data).status_code in (200, 401)
    assert App().login(password="another-long-word").status_code == 200
    assert ask(Authorization=f"Bearer {old.token}").status_code == 401


def test_asking_for_a_password_tells_nobody_who_has_an_account() -> None:
    shopper(email="ada@example.com")
    answers = [
        App()("post", "auth/password/request", {"email": email})
        for email in ("ada@example.com", "nobody@example.com")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json()["data"] == answers[1].json()["data"]


def test_a_silent_mail_server_changes_nothing_in_the_answer(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    shopper(email="ada@example.com")
    request = {"email": "ada@example.com"}
    assert App()("post", "auth/password/request", request).status_code == 401


# --- limits and hostile input ---


def test_guessing_is_held_up_whatever_the_door() -> None:
    shopper()
    make_user("mei")
    for _ in range(5):
        assert App().login("mei", "no").status_code == 400
    held = App().login("mei", "x")
    assert held.json()["errors"][0]["code"] == "too_many_login_attempts"
    page = Client().post("/login/", {"username": "mei", "password": "x"})
    assert 'id="login-error"' in page.content.decode()
    assert App().login().status_code == 200


def test_too_many_from_one_address_are_429(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    answers = [App().login("nobody").status_code for _ in range(3)]
    assert answers == [400, 400, 429]
    page = Client().post("/login/", {"username": "nobody", "password": "x"})
    assert page.status_code == 429
    assert "Too many attempts" in page.content.decode()


def test_the_proxy_says_whose_address_it_is(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    shopper()
    App(**{"X-Forwarded-For": "10.0.0.9, 203.0.113.7"}).login()
    assert UserSession.objects.get().ip == "203.0.113.7"


POSTS = (
    "auth/login",
    "auth/signup",
    "auth/password/request",
    "auth/password/reset",
    "auth/email/verify",
    "auth/2fa/authenticate",
    "auth/reauthenticate",
    "account/password/change",
    "account/email",
    "account/phone",
    "auth/phone/verify",
    "account/authenticators/totp",
    "account/authenticators/recovery-codes",
    "tokens/refresh",
)
BAD = ["\0", "\ud800", "x" * 10_240, "é令", "", None, 7, [], {"a": {}}, True]


@pytest.mark.parametrize("path", POSTS)
def test_hostile_fields_are_refused(path: str, open_house: None) -> None:
    shopper()
    names = ("username", "email", "password", "key", "code", "current_password", "new_password")
    for app in (App(), signed_in()):
        for bad in BAD:
            answer = Client(raise_request_exception=False).post(
                f"{ROOT}/{path}",
                dict.fromkeys((*names, "phone", "refresh_token", "sessions"), bad),
                "application/json",
                headers={"X-Session-Token": app.token} if app.token else {},
            )
            assert answer.status_code < 500, (path, bad)
    assert User.objects.count() == 1


@pytest.mark.parametrize("name", ["\ud800", "\0", "x" * 10_240])
def test_a_hostile_name_is_refused(name: str) -> None:
    client = Client(raise_request_exception=False)
    for field in ("username", "email"):
        data = {field: name, "password": PASSWORD}
        assert client.post(f"{ROOT}/auth/login", data, "application/json").status_code == 400
    assert client.post("/login/", {"username": "\0", "password": "x"}).status_code == 200


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'"x"', b"[" * 100_000])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    client = Client(raise_request_exception=False)
    answer = client.post(f"{ROOT}/auth/login", body, "application/json")
    assert answer.status_code == 400


def test_we_keep_no_telephone_numbers() -> None:
    shopper()
    assert signed_in()("get", "account/phone").status_code == 404


def test_browsers_have_no_entrance_here() -> None:
    assert Client().get("/_allauth/browser/v1/config").status_code == 404
