from django.conf import settings
from django.db import migrations, models


def keep_the_words(apps, schema_editor):
    """What was free text becomes a note; read with care, it allows no more than try-ons."""
    told = apps.get_model("catalog", "Person").objects.exclude(consent_scope="")
    told.update(consent_note=models.F("consent_scope"), consent_scope="tryon")


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0002_preflight'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
            ],
            options={
                'verbose_name': 'tag',
                'verbose_name_plural': 'tags',
                'ordering': ['name'],
            },
        ),
        migrations.AddField(
            model_name='garment',
            name='season',
            field=models.CharField(blank=True, max_length=20, verbose_name='season'),
        ),
        migrations.AddField(
            model_name='person',
            name='consent_document',
            field=models.FileField(blank=True, editable=False, max_length=200, upload_to='', verbose_name='consent: document'),
        ),
        migrations.AddField(
            model_name='person',
            name='consent_note',
            field=models.CharField(blank=True, max_length=200, verbose_name='consent: note'),
        ),
        migrations.AddField(
            model_name='person',
            name='consent_withdrawn_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='consent withdrawn'),
        ),
        migrations.AddField(
            model_name='person',
            name='height_cm',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='height (cm)'),
        ),
        migrations.AddField(
            model_name='person',
            name='size',
            field=models.CharField(blank=True, max_length=20, verbose_name='clothing size'),
        ),
        migrations.RunPython(keep_the_words, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='person',
            name='consent_scope',
            field=models.CharField(blank=True, choices=[('tryon', 'Try-ons and review'), ('publish', 'Try-ons and publishing'), ('unneeded', 'Not needed: no real person')], max_length=8, verbose_name='consent: scope'),
        ),
        migrations.AlterField(
            model_name='person',
            name='consent_until',
            field=models.DateField(blank=True, help_text='Empty: it does not end.', null=True, verbose_name='consent: until'),
        ),
        migrations.AddField(
            model_name='garment',
            name='tags',
            field=models.ManyToManyField(blank=True, related_name='%(class)ss', to='catalog.tag', verbose_name='tags'),
        ),
        migrations.AddField(
            model_name='person',
            name='tags',
            field=models.ManyToManyField(blank=True, related_name='%(class)ss', to='catalog.tag', verbose_name='tags'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('consent_scope__in', ['', 'tryon', 'publish', 'unneeded'])), name='person_consent_known'),
        ),
    ]
