"""What everybody sees: cacheable, in their language, and nothing that is not for everybody."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from galleries import public_images
from galleries import tasks as galleries_tasks
from galleries.models import Gallery, PublicImage, ShareLink
from jobs.models import Result
from review.decide import reopen
from tests.factories import (
    make_gallery,
    make_garment,
    make_job,
    make_person,
    make_public,
    make_result,
    make_user,
)
from tests.pictures import photo

pytestmark = pytest.mark.django_db
NOW = timedelta()
DAY = timedelta(days=1)


def public(name: str = "Deck tee", sku: str = "", **kwargs: Any) -> Result:
    job = make_job("succeeded", top=make_garment("top", name=name, sku=sku), **kwargs)
    return make_public(job=job)


def link_to(gallery: Gallery, **kwargs: Any) -> tuple[ShareLink, str]:
    link, token = ShareLink.make(gallery, **({"expires_at": timezone.now() + DAY} | kwargs))
    return link, f"/g/s/{token}/"


def page(gallery: Gallery) -> str:
    return f"/g/{gallery.slug}/"


def test_it_works(client: Client) -> None:
    gallery = make_gallery(public("Deck tee"), public("Dunes tee", "T-1"), public("Polo"))
    answer = client.get(page(gallery))
    text = answer.content.decode()
    for words in ("Deck tee", "Dunes tee", "Polo", gallery.name, "virtual try-on"):
        assert words in text
    assert text.count("<picture>") == 3
    assert text.count('fetchpriority="high"') == 1
    assert text.count('loading="lazy"') == 2
    assert 'property="og:image" content="http://testserver/public/' in text
    item = gallery.items.all()[1]
    look = client.get(f"{page(gallery)}{item.pk}/").content.decode()
    assert "Dunes tee" in look
    assert "T-1" in look
    assert gallery.name in client.get("/g/").content.decode()


def test_no_name_of_a_person_is_shown(client: Client) -> None:
    person = make_person(name="Ada Lovelace")
    gallery = make_gallery(public(person=person))
    item = gallery.items.get()
    for address in ("/g/", page(gallery), f"{page(gallery)}{item.pk}/", link_to(gallery)[1]):
        assert "Ada Lovelace" not in client.get(address).content.decode()


def test_it_is_made_for_caches(client: Client) -> None:
    gallery = make_gallery(public(), shown_until=timezone.now() + timedelta(seconds=20))
    client.force_login(make_user())
    for address in ("/g/", page(gallery)):
        answer = client.get(address, headers={"accept-encoding": "gzip"})
        assert not answer.cookies
        assert set(answer["Vary"].split(", ")) <= {"Accept-Language", "Accept-Encoding"}
        assert re.fullmatch(r"public, max-age=\d+", answer["Cache-Control"])
        again = client.get(address, headers={"if-none-match": answer["ETag"]})
        assert again.status_code == 304
    assert int(answer["Cache-Control"].partition("max-age=")[2]) <= 20


def test_language_is_that_of_the_address_or_the_browser(client: Client) -> None:
    address = page(make_gallery(public()))
    client.cookies["django_language"] = "zh-hans"
    assert client.get(address)["Content-Language"] == "en"
    chinese = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.5"}
    assert client.get(address, headers=chinese)["Content-Language"] == "zh-hans"
    assert client.get(f"{address}?lang=en", headers=chinese)["Content-Language"] == "en"
    text = client.get(f"{address}?lang=zh-hans").content.decode()
    assert '<html lang="zh-hans">' in text
    assert client.get(f"{address}?lang=<x>")["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("begin", "end", "status"),
    [
        (None, None, 404),
        (DAY, None, 404),
        (-DAY, None, 200),
        (-DAY, DAY, 200),
        (-2 * DAY, -DAY, 404),
    ],
)
def test_time_alone_opens_and_closes(
    client: Client, begin: timedelta | None, end: timedelta | None, status: int
) -> None:
    now = timezone.now()
    times = {"shown_from": begin and now + begin, "shown_until": end and now + end}
    gallery = make_gallery(public(), **times)
    item = gallery.items.get()
    addresses = [page(gallery), f"{page(gallery)}{item.pk}/", link_to(gallery)[1]]
    assert [client.get(address).status_code for address in addresses] == [status] * 3
    assert (gallery.name in client.get("/g/").content.decode()) == (status == 200)


def _unpublished(result: Result) -> None:
    result.unpublish(None)


def _reopened(result: Result) -> None:
    reopen(result, make_user())


def _withdrawn(result: Result) -> None:
    result.job.person.consent_withdrawn_at = timezone.now()
    result.job.person.save()


def _expired(result: Result) -> None:
    result.job.person.consent_until = timezone.localdate() - DAY
    result.job.person.save()


def _unmade(result: Result) -> None:
    PublicImage.objects.filter(result=result).update(width=0)


@pytest.mark.parametrize("happen", [_unpublished, _reopened, _withdrawn, _expired, _unmade])
def test_what_may_not_be_shown_is_gone_at_once(client: Client, happen: Any) -> None:
    gone = public("Secret coat")
    gallery = make_gallery(public(), gone, cover=gone)
    gone_at = f"{page(gallery)}{gallery.items.get(result=gone).pk}/"
    assert client.get(gone_at).status_code == 200
    happen(gone)
    assert client.get(gone_at).status_code == 404
    for address in ("/g/", page(gallery), link_to(gallery)[1]):
        assert "Secret coat" not in client.get(address).content.decode()


def test_a_private_gallery_opens_by_its_link_alone(client: Client) -> None:
    gallery = make_gallery(public(), access="link")
    item = gallery.items.get()
    assert client.get(page(gallery)).status_code == 404
    assert client.get(f"{page(gallery)}{item.pk}/").status_code == 404
    assert gallery.name not in client.get("/g/").content.decode()
    link, address = link_to(gallery)
    for shown in (address, f"{address}{item.pk}/"):
        answer = client.get(shown)
        assert answer.status_code == 200
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Cache-Control"] == "private, no-store"
        assert "og:image" not in answer.content.decode()
        assert not answer.cookies
    link.refresh_from_db()
    assert link.last_used_at is not None


def test_links_that_are_not_good_are_answered_alike(client: Client) -> None:
    gallery = make_gallery(public(), access="link")
    revoked, revoked_at = link_to(gallery)
    revoked.revoke(timezone.now())
    _expired_link, expired_at = link_to(gallery, expires_at=timezone.now() - DAY)
    _drafts, draft_at = link_to(make_gallery(public(), access="link", shown_from=None))
    answers = [client.get(each) for each in (revoked_at, expired_at, draft_at, "/g/s/nonsense/")]
    assert {answer.status_code for answer in answers} == {404}
    plain = {answer.content.replace(answer.wsgi_request.path.encode(), b"") for answer in answers}
    assert len(plain) == 1
    heads = [
        {k: v for k, v in answer.headers.items() if k != "Content-Length"} for answer in answers
    ]
    assert all(head == heads[0] for head in heads)


def test_the_zip_has_labelled_pictures_in_order(client: Client) -> None:
    import zipfile

    gallery = make_gallery(public("Zebra"), public("Ant"), access="link")
    _link, closed = link_to(gallery)
    assert client.get(f"{closed}download/").status_code == 404
    _link, address = link_to(gallery, may_download=True)
    assert f"{address}download/" in client.get(address).content.decode()
    answer = client.get(f"{address}download/")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer)))  # type: ignore[call-overload]
    assert [name.partition("_")[0] for name in archive.namelist()] == ["00001", "00002"]
    first = PublicImage.objects.get(result=gallery.items.all()[0].result)
    stored = Path(site.PUBLIC_ROOT) / first.file(480, "jpg")
    assert archive.read(archive.namelist()[0]) == stored.read_bytes()


def test_pages_follow_one_another(client: Client) -> None:
    gallery = make_gallery(*[public() for _n in range(60)])
    seen, address = [], page(gallery)
    for _n in range(4):
        text = client.get(address).content.decode()
        seen += re.findall(rf'href="{page(gallery)}(\d+)/"', text)
        more = re.search(r'href="([^"]+)" rel="next"', text)
        if not more:
            break
        address = page(gallery) + more[1]
    expected = [str(pk) for pk in gallery.items.values_list("pk", flat=True)]
    assert list(dict.fromkeys(seen)) == expected


def test_pages_cost_the_same_for_many(client: Client, django_assert_num_queries: Any) -> None:
    for rows in (3, 40):
        gallery = make_gallery(*[public() for _n in range(rows)])
        item = gallery.items.first()
        assert item
        for address, n in (("/g/", 2), (page(gallery), 4), (f"{page(gallery)}{item.pk}/", 5)):
            with django_assert_num_queries(n):
                client.get(address)


def test_only_reading_is_answered(client: Client) -> None:
    gallery = make_gallery(public())
    for address in ("/g/", page(gallery), link_to(gallery)[1]):
        assert client.post(address).status_code == 405


def test_a_preview_shows_a_draft_to_staff(client: Client) -> None:
    gallery = make_gallery(public(), shown_from=None)
    client.force_login(make_user(is_superuser=True))
    answer = client.get(reverse("gallery-preview", args=[gallery.pk]))
    assert "Preview" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    item = gallery.items.get()
    assert client.get(reverse("look-preview", args=[gallery.pk, item.pk])).status_code == 200


# --- the walk: whatever the pages name is fetched, as a stranger ---


def secret_photo() -> bytes:
    """A photo that says where it was taken and by whom."""
    exif = Image.Exif()
    exif[0x013B] = "Ada Lovelace"
    exif[0x8825] = {1: "N", 2: (31.0, 13.0, 48.0)}
    return photo(400, 533, exif=exif.tobytes(), comment=b"taken at home")


def walk(client: Client, *starts: str) -> dict[str, bytes]:
    """Everything that is reached from these addresses, by address."""
    found: dict[str, bytes] = {}
    waiting = list(starts)
    while waiting:
        address = waiting.pop()
        path = address.partition("#")[0].replace("http://testserver", "")
        if path in found or not path.startswith("/"):
            assert not path.startswith(("http", "//")), path
            continue
        found[path], kind = fetched(client, path)
        if "html" in kind or "css" in kind:
            waiting += named(found[path].decode(), path)
    return found


def fetched(client: Client, path: str) -> tuple[bytes, str]:
    if path.startswith("/static/"):
        file = finders.find(path.removeprefix("/static/"))
        assert file, path
        return Path(str(file)).read_bytes(), "text/css" if path.endswith("css") else ""
    answer = client.get(path)
    assert answer.status_code == 200, path
    body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[call-overload]
    return body, answer["Content-Type"]


def named(text: str, path: str) -> list[str]:
    """Every address in a page or a style sheet, absolute."""
    sets = re.findall(r'srcset="([^"]+)"', text)
    listed = [part.split()[0] for each in sets for part in each.split(", ")]
    listed += re.findall(r'(?:href|src|action|content)="((?:/|\?|http)[^"]*)"', text)
    listed += [f"/static/{each}" for each in re.findall(r"url\([\"']?\.\./([^\"')]+)", text)]
    base = path.partition("?")[0]
    return [
        (base + each if each.startswith("?") else each).replace("&amp;", "&") for each in listed
    ]


@pytest.mark.parametrize("private", [False, True])
def test_no_address_leads_to_anything_private(client: Client, settings: Any, private: bool) -> None:
    settings.PUBLIC_WIDTHS = [320, 480]
    data, sha = secret_photo(), "ab" * 32
    name = default_storage.save(f"result/{sha}.jpg", ContentFile(data))
    person = make_person(name="Ada Lovelace", sha256="cd" * 32, original=name, large=name)
    results = [
        make_result(
            "approved",
            job=make_job("succeeded", person=person),
            **{"published_at": timezone.now(), "sha256": f"{n:02x}" * 32, "original": name},
            **{"width": 400, "height": 533},
        )
        for n in range(30)
    ]
    for result in results:
        assert public_images.make_public_image(result)
    gallery = make_gallery(*results, access="link" if private else "public", text="Words")
    hidden = make_gallery(make_public(), access="link", name="Hidden")
    start = link_to(gallery, may_download=True)[1] if private else "/g/"
    found = walk(client, start)
    images = {path: body for path, body in found.items() if path.startswith("/public/")}
    looks = [path for path in found if re.search(r"/\d+/(\?.*)?$", path)]
    assert len(images) == 30 * 4
    assert len({path.partition("?")[0] for path in looks}) == 30
    secrets = [*{r.sha256 for r in results}, person.sha256, person.wire_sha256, sha]
    secrets += ["/private/", "/media/", "Ada", "Lovelace", hidden.slug, "/admin/", "csrf"]
    for path, body in found.items():
        if not path.startswith(("/static/", "/public/")) and "download" not in path:
            assert [word for word in secrets if word in body.decode()] == [], path
    for path, body in images.items():
        assert body != data, path
        for trace in (b"Lovelace", b"taken at home", b"GPS"):
            assert trace not in body, path
        picture = Image.open(io.BytesIO(body))
        assert not picture.getexif(), path
        assert "comment" not in picture.info, path
    assert all(path.startswith(("/g/", "/public/", "/static/")) for path in found)


def test_nothing_of_the_staff_is_open(client: Client) -> None:
    gallery, result = make_gallery(public()), make_result("approved")
    item = gallery.items.get()
    names = (
        "edit",
        "preview",
        "delete",
        "add",
        "remove",
        "order",
        "move",
        "cover",
        "show",
        "share",
    )
    addresses = [reverse(f"gallery-{name}", args=[gallery.pk]) for name in names]
    addresses += [reverse("look-preview", args=[gallery.pk, item.pk]), "/galleries/", "/gallery/"]
    addresses += [
        reverse(f"result{name}", args=[result.pk]) for name in ("", "-download", "-provenance")
    ]
    addresses += ["/export/", result.original.url.replace("/private/", "/private/1"), "/admin/"]
    for address in addresses:
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code in (302, 403, 404, 405), address


@pytest.mark.parametrize("happen", [_unpublished, _reopened, _withdrawn, _expired])
def test_the_files_are_gone_as_well(
    client: Client, happen: Any, django_capture_on_commit_callbacks: Any
) -> None:
    gone = public()
    make_gallery(gone)
    src = gone.public.src
    assert client.get(src).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        happen(gone)
    galleries_tasks.update_public_images()
    assert client.get(src).status_code == 404
