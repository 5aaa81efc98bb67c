"""The roles: groups with the permissions of docs/roles.md."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission

Permissions = list[str]


def view(models: dict[str, list[str]]) -> Permissions:
    return [f"{app}.view_{model}" for app, names in models.items() for model in names]


def edit(app: str, *models: str) -> Permissions:
    return [f"{app}.{verb}_{model}" for model in models for verb in ("add", "change", "delete")]


LIBRARY = {"catalog": ["person", "garment", "collection", "tag"]}
IMPORTS = {"catalog": ["import", "importrow"]}
# What one has to see to judge or to publish an image.
IMAGES = {
    **LIBRARY,
    "jobs": ["batch", "comparison", "tryonjob", "step", "result"],
    "galleries": ["gallery", "galleryitem", "sharelink"],
    "review": ["decision"],
}
WORK = {
    "jobs": ["preset", "event", "provideraccount", "heartbeat", "ledgerentry", "monthtotal"],
}
WEBHOOK_LOG = {"webhooks": ["webhookmessage", "webhookdelivery", "webhookattempt"]}

ROLES: dict[str, Permissions] = {
    "merchandiser": [
        *view(IMAGES),
        *view(WORK),
        *view(IMPORTS),
        *view({"webhooks": ["webhookendpoint"]}),
        *edit("catalog", "person", "garment", "collection", "tag"),
        *edit("jobs", "preset"),
        *edit("webhooks", "webhookendpoint"),
        "jobs.add_batch",
        "jobs.change_tryonjob",
    ],
    "reviewer": [*view(IMAGES), "jobs.change_result"],
    "publisher": [
        *view(IMAGES),
        *edit("galleries", "gallery", "galleryitem", "sharelink"),
        "jobs.publish_result",
    ],
    "auditor": [
        *view(IMAGES),
        *view(WORK),
        *view(IMPORTS),
        *view({"webhooks": ["webhookendpoint"]}),
        *view(WEBHOOK_LOG),
        *view({"auth": ["user", "group"], "jobs": ["quota"]}),
        *view({"galleries": ["publicimage"], "notifications": ["notification"]}),
    ],
    # Whoever uses the app for themselves: no right to any row of the team's.
    "shopper": [],
}


def make_roles(using: str = "default", **kwargs: Any) -> None:
    """Make the groups that are missing; one that exists is its administrator's, and is left alone.

    Runs after every migrate, as a flushed database has lost them too.
    """
    for name, permissions in ROLES.items():
        group, is_new = Group.objects.using(using).get_or_create(name=name)
        if is_new and permissions:
            group.permissions.set([_permission(using, each) for each in permissions])


def _permission(using: str, permission: str) -> Permission:
    app, codename = permission.split(".")
    return Permission.objects.using(using).get(content_type__app_label=app, codename=codename)
