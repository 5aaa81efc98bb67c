"""Roles as groups: merchandiser, reviewer, publisher, auditor (docs/roles.md has the table).

A group of that name that is there already is somebody's own, and stays as it is.
"""

from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations

EVERYTHING = {
    "catalog": ["person", "garment", "collection", "tag"],
    "jobs": [
        "batch",
        "comparison",
        "preset",
        "tryonjob",
        "step",
        "result",
        "decision",
        "event",
        "provideraccount",
        "heartbeat",
        "ledgerentry",
        "monthtotal",
    ],
}
# What one has to see to judge or to publish an image.
PICTURES = {
    "catalog": EVERYTHING["catalog"],
    "jobs": ["batch", "comparison", "tryonjob", "step", "result", "decision"],
}
ACCOUNTS = {"auth": ["user", "group"]}


def view(models):
    return [f"{app}.view_{model}" for app, names in models.items() for model in names]


def edit(app, *models):
    return [f"{app}.{verb}_{model}" for model in models for verb in ("add", "change", "delete")]


ROLES = {
    "merchandiser": [
        *view(EVERYTHING),
        *edit("catalog", "person", "garment", "collection", "tag"),
        *edit("jobs", "preset"),
        "jobs.add_batch",
        "jobs.change_tryonjob",
    ],
    "reviewer": [*view(PICTURES), "jobs.change_result"],
    "publisher": [*view(PICTURES), "jobs.publish_result"],
    "auditor": [*view(EVERYTHING), *view(ACCOUNTS)],
}


def make_roles(apps, schema_editor):
    alias = schema_editor.connection.alias
    _make_permissions(apps, alias)
    Group = apps.get_model("auth", "Group")
    for name, permissions in ROLES.items():
        group, new = Group.objects.using(alias).get_or_create(name=name)
        if new:
            group.permissions.set(_found(apps, alias, permissions))


def _make_permissions(apps, alias):
    """In a fresh database they would be made only after the last migration."""
    for label in ("catalog", "jobs", "auth"):
        config = apps.get_app_config(label)
        if not hasattr(config, "models_module"):
            # A migration's own configuration does not say that it has models.
            config.models_module = True
        create_permissions(config, apps=apps, using=alias, verbosity=0)


def _found(apps, alias, permissions):
    rows = apps.get_model("auth", "Permission").objects.using(alias)
    found = []
    for permission in permissions:
        label, codename = permission.split(".")
        found.append(rows.get(content_type__app_label=label, codename=codename))
    return found


class Migration(migrations.Migration):

    dependencies = [
        ("jobs", "0006_overview_indexes"),
        ("catalog", "0004_imports"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    # Taking a role from people who have it is not for a migration.
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
