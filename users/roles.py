"""The roles: groups with the permissions of docs/roles.md."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission

Permissions = list[str]


def view_permissions(models: dict[str, list[str]]) -> Permissions:
    return [f"{app}.view_{model}" for app, names in models.items() for model in names]


def edit_permissions(app: str, *models: str) -> Permissions:
    return [f"{app}.{verb}_{model}" for model in models for verb in ("add", "change", "delete")]


LIBRARY_MODELS = {"catalog": ["person", "garment", "collection", "tag"]}
IMPORT_MODELS = {"catalog": ["import", "importrow"]}
# What one has to see to review or to publish an image.
IMAGE_MODELS = {
    **LIBRARY_MODELS,
    "jobs": ["batch", "comparison", "tryonjob", "step", "result"],
    "galleries": ["gallery", "galleryitem", "sharelink"],
    "review": ["decision"],
}
WORK_MODELS = {
    "jobs": ["preset", "event", "provideraccount", "heartbeat", "ledgerentry", "monthtotal"],
}
WEBHOOK_LOG_MODELS = {"webhooks": ["webhookmessage", "webhookdelivery", "webhookattempt"]}

ROLES: dict[str, Permissions] = {
    "merchandiser": [
        *view_permissions(IMAGE_MODELS),
        *view_permissions(WORK_MODELS),
        *view_permissions(IMPORT_MODELS),
        *view_permissions({"webhooks": ["webhookendpoint"]}),
        *edit_permissions("catalog", "person", "garment", "collection", "tag"),
        *edit_permissions("jobs", "preset"),
        *edit_permissions("webhooks", "webhookendpoint"),
        "jobs.add_batch",
        "jobs.change_tryonjob",
    ],
    "reviewer": [*view_permissions(IMAGE_MODELS), "jobs.change_result"],
    "publisher": [
        *view_permissions(IMAGE_MODELS),
        *edit_permissions("galleries", "gallery", "galleryitem", "sharelink"),
        "jobs.publish_result",
    ],
    "auditor": [
        *view_permissions(IMAGE_MODELS),
        *view_permissions(WORK_MODELS),
        *view_permissions(IMPORT_MODELS),
        *view_permissions({"webhooks": ["webhookendpoint"]}),
        *view_permissions(WEBHOOK_LOG_MODELS),
        *view_permissions({"auth": ["user", "group"], "jobs": ["quota"]}),
        *view_permissions({"galleries": ["publicimage"], "notifications": ["notification"]}),
    ],
    # Users of the app, without any right to the team's rows.
    "shopper": [],
}


def make_roles(using: str = "default", **kwargs: Any) -> None:
    """Make the groups that are missing; one that exists is left as its administrator set it.

    Runs after every migrate, as a flushed database has lost them too.
    """
    for name, permissions in ROLES.items():
        group, is_new = Group.objects.using(using).get_or_create(name=name)
        if is_new and permissions:
            group.permissions.set([_permission(using, each) for each in permissions])


def _permission(using: str, permission: str) -> Permission:
    app, codename = permission.split(".")
    return Permission.objects.using(using).get(content_type__app_label=app, codename=codename)
