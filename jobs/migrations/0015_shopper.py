"""The group of those who use the app for themselves: no right to anything of the house's.

A group of that name that is there already is somebody's own, and stays as it is.
"""

from django.db import migrations


def make_shopper(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    groups.get_or_create(name="shopper")


class Migration(migrations.Migration):

    dependencies = [
        ("jobs", "0014_api"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    # Taking a role from people who have it is not for a migration.
    operations = [migrations.RunPython(make_shopper, migrations.RunPython.noop)]
