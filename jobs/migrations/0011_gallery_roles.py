"""Galleries may be changed by two and downloaded by link; the roles may see and publish them.

A role that somebody changed stays as it is: only groups as 0007_roles made them get more.
"""

from importlib import import_module

from django.db import migrations, models

before = import_module("jobs.migrations.0007_roles")

GALLERIES = ("gallery", "galleryitem", "sharelink")
SEEN = before.view({"jobs": GALLERIES})
IMPORTS = before.view({"catalog": ["import", "importrow"]})
MORE = {
    "merchandiser": [*SEEN, *IMPORTS],
    "reviewer": SEEN,
    "publisher": [*SEEN, *before.edit("jobs", *GALLERIES)],
    "auditor": [*SEEN, *IMPORTS, *before.view({"jobs": ["publicimage", "notification"]})],
}


def extend_roles(apps, schema_editor):
    alias = schema_editor.connection.alias
    before._make_permissions(apps, alias)
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for name, permissions in MORE.items():
        group = groups.filter(name=name).first()
        if group and _held(group) == set(before.ROLES[name]):
            group.permissions.add(*before._found(apps, alias, permissions))


def _held(group):
    rows = group.permissions.values_list("content_type__app_label", "codename")
    return {f"{label}.{codename}" for label, codename in rows}


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0010_public_image_claims'),
        ('catalog', '0005_page_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='gallery',
            name='closed_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='gallery',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='sharelink',
            name='may_download',
            field=models.BooleanField(default=False, verbose_name='may download the pictures'),
        ),
        migrations.RunPython(extend_roles, migrations.RunPython.noop),
    ]
