"""Rows for tests: everything optional, every picture real."""

from __future__ import annotations

import io
import itertools
from typing import Any

from django.contrib.auth.models import Permission, User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image

from catalog.models import Garment, Person
from galleries.models import Gallery, GalleryItem, PublicImage
from jobs.models import Batch, ProviderAccount, Result, Step, TryOnJob

_numbers = itertools.count(1)


def jpeg(width: int = 60, height: int = 80, colour: tuple[int, int, int] | None = None) -> bytes:
    n = next(_numbers)
    picture = Image.new("RGB", (width, height), colour or (n % 256, n * 7 % 256, n * 31 % 256))
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def picture_fields(**extra: str) -> dict[str, Any]:
    """Values of the Picture columns, with the files behind them."""
    n = next(_numbers)
    sha = f"{n:064x}"
    name = default_storage.save(f"test/{n}.jpg", ContentFile(jpeg()))
    names = {"original": name, "large": name, "thumb": name} | dict.fromkeys(extra, name)
    return {"sha256": sha, "width": 60, "height": 80, **names}


def make_user(name: str = "merch", **kwargs: Any) -> User:
    return User.objects.create_user(name, password="x", is_staff=True, **kwargs)


def make_person(**kwargs: Any) -> Person:
    fields = picture_fields(wire="") | {"name": f"Person {next(_numbers)}", "gender": "woman"}
    fields |= {"consent_scope": "publish"}
    return Person.objects.create(**(fields | {"wire_sha256": fields["sha256"]} | kwargs))


def make_garment(slot: str = "top", **kwargs: Any) -> Garment:
    fields = picture_fields(wire="") | {"name": f"{slot} {next(_numbers)}", "slot": slot}
    return Garment.objects.create(**(fields | {"wire_sha256": fields["sha256"]} | kwargs))


def make_account(alias: str = "local", **kwargs: Any) -> ProviderAccount:
    return ProviderAccount.objects.get_or_create(alias=alias, defaults=kwargs)[0]


def make_batch(**kwargs: Any) -> Batch:
    return Batch.objects.create(
        **({"name": f"Batch {next(_numbers)}", "account": make_account()} | kwargs)
    )


def make_job(state: str = "queued", slot: str = "top", **kwargs: Any) -> TryOnJob:
    """A job in any state, with one step in the state that goes with it."""
    step_state = kwargs.pop("step_state", _STEP_OF[state])
    batch = kwargs.pop("batch", None) or make_batch(owner=kwargs.get("owner"))
    outfit = {} if {"top", "bottom", "dress"} & kwargs.keys() else {slot: make_garment(slot)}
    ended = {} if state in TryOnJob.UNFINISHED else {"finished_at": timezone.now()}
    fields = {"batch": batch, "account": batch.account, "state": state, "recipe": batch.recipe}
    person = kwargs.pop("person", None) or make_person(owner=kwargs.get("owner"))
    job = TryOnJob.objects.create(**(fields | outfit | ended | {"person": person} | kwargs))
    make_step(job, state=step_state)
    return job


_STEP_OF = {
    "queued": "waiting",
    "running": "remote",
    "succeeded": "done",
    "failed": "failed",
    "canceled": "canceled",
    "needs_attention": "unknown",
}


def make_step(job: TryOnJob, state: str = "waiting", **kwargs: Any) -> Step:
    sent = {"remote_id": f"r{next(_numbers)}"} if state in {"remote", "storing", "done"} else {}
    fields = {"job": job, "account": job.account, "batch": job.batch, "operation": "tryon"}
    position = job.steps.count()
    return Step.objects.create(**(fields | {"state": state, "position": position} | sent | kwargs))


def make_result(review: str = "pending", **kwargs: Any) -> Result:
    job = kwargs.pop("job", None) or make_job("succeeded")
    step = kwargs.pop("step", None) or job.steps.get()
    fields = picture_fields() | {"job": job, "step": step, "role": "final", "review": review}
    fields |= {"role": "private", "owner": job.owner} if job.owner else {}
    return Result.objects.create(**(fields | kwargs))


def make_public(**kwargs: Any) -> Result:
    """A published result with its files in the public storage."""
    result = make_result("approved", **({"published_at": timezone.now()} | kwargs))
    public = PublicImage(result=result, widths=[320, 480], width=480, height=640)
    for width in public.widths:
        for extension in ("jpg", "webp"):
            public.write(width, extension, jpeg(3, 4))
    public.save()
    return result


def make_gallery(*results: Result, **kwargs: Any) -> Gallery:
    """A gallery that shows these results now; `shown_from=None` makes it a draft."""
    n = next(_numbers)
    fields = {"name": f"Gallery {n}", "slug": f"gallery-{n}", "shown_from": timezone.now()}
    gallery = Gallery.objects.create(**(fields | kwargs))
    GalleryItem.objects.bulk_create(
        GalleryItem(gallery=gallery, result=result, position=place)
        for place, result in enumerate(results, 1)
    )
    return gallery


def client_of(user: User, *codenames: str) -> Client:
    """Signed in, with exactly these permissions."""
    make_account()
    rights = Permission.objects.filter(codename__in=codenames)
    user.user_permissions.set(rights)
    client = Client()
    client.force_login(user)
    return client
