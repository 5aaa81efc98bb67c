"""Webhooks; merchandisers keep endpoints of their own, auditors see all and what came of them.

A role that somebody changed stays as it is: only groups as 0011_gallery_roles left them get more.
"""

from importlib import import_module

import django.db.models.deletion
import django.utils.timezone
import jobs.models.webhook_endpoint
import jobs.models.webhook_message
from django.conf import settings
from django.db import migrations, models

before = import_module("jobs.migrations.0011_gallery_roles")
roles = before.before

LOG = ("webhookmessage", "webhookdelivery", "webhookattempt")
MORE = {
    "merchandiser": [*roles.view({"jobs": ["webhookendpoint"]}), *roles.edit("jobs", "webhookendpoint")],
    "auditor": roles.view({"jobs": ["webhookendpoint", *LOG, "quota"]}),
}


def extend_roles(apps, schema_editor):
    alias = schema_editor.connection.alias
    roles._make_permissions(apps, alias)
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for name, permissions in MORE.items():
        group = groups.filter(name=name).first()
        if group and before._held(group) == {*roles.ROLES[name], *before.MORE[name]}:
            group.permissions.add(*roles._found(apps, alias, permissions))


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0015_shopper'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('failed', 'Failed')], default='waiting', max_length=12, verbose_name='state')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='due')),
                ('claim', models.CharField(blank=True, editable=False, max_length=32)),
                ('claimed_until', models.DateTimeField(editable=False, null=True)),
                ('delivered_at', models.DateTimeField(null=True, verbose_name='delivered')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
            ],
            options={
                'verbose_name': 'webhook delivery',
                'verbose_name_plural': 'webhook deliveries',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='WebhookMessage',
            fields=[
                ('id', models.CharField(default=jobs.models.webhook_message.new_id, editable=False, max_length=40, primary_key=True, serialize=False)),
                ('type', models.CharField(choices=[('job.completed', 'A try-on has ended'), ('batch.completed', 'All try-ons of a batch have ended'), ('review.decided', 'A result was approved, rejected or reopened'), ('result.published', 'A result was published'), ('result.unpublished', 'A result was taken down'), ('gallery.published', 'A gallery is shown or scheduled'), ('gallery.unpublished', 'A gallery is shown no more'), ('webhook.test', 'Test')], max_length=40, verbose_name='type')),
                ('payload', models.JSONField(default=dict, verbose_name='payload')),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='created')),
            ],
            options={
                'verbose_name': 'webhook message',
                'verbose_name_plural': 'webhook messages',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='WebhookAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='at')),
                ('status', models.PositiveSmallIntegerField(null=True, verbose_name='HTTP status')),
                ('code', models.CharField(blank=True, max_length=20, verbose_name='error code')),
                ('duration_ms', models.PositiveIntegerField(default=0, verbose_name='milliseconds')),
                ('body', models.CharField(blank=True, max_length=300, verbose_name='answer')),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log', to='jobs.webhookdelivery', verbose_name='delivery')),
            ],
            options={
                'verbose_name': 'webhook attempt',
                'verbose_name_plural': 'webhook attempts',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=500, verbose_name='address')),
                ('description', models.CharField(blank=True, max_length=200, verbose_name='description')),
                ('events', models.JSONField(blank=True, default=list, verbose_name='events')),
                ('secret', models.CharField(default=jobs.models.webhook_endpoint.new_secret, editable=False, max_length=80)),
                ('previous_secret', models.CharField(blank=True, editable=False, max_length=80)),
                ('previous_until', models.DateTimeField(editable=False, null=True)),
                ('disabled_at', models.DateTimeField(editable=False, null=True, verbose_name='disabled')),
                ('disabled_why', models.CharField(blank=True, choices=[('gone', 'Answered that it is gone'), ('failing', 'Failed for days'), ('hand', 'By hand'), ('right', 'Its owner may not have it any more')], editable=False, max_length=8, verbose_name='why disabled')),
                ('failing_since', models.DateTimeField(editable=False, null=True, verbose_name='failing since')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='webhook_endpoints', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
            ],
            options={
                'verbose_name': 'webhook endpoint',
                'verbose_name_plural': 'webhook endpoints',
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='endpoint',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='jobs.webhookendpoint', verbose_name='endpoint'),
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='message',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='jobs.webhookmessage', verbose_name='message'),
        ),
        migrations.AddIndex(
            model_name='webhookendpoint',
            index=models.Index(condition=models.Q(('disabled_at', None)), fields=['id'], name='webhook_enabled'),
        ),
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('disabled_at', None), ('disabled_why', '')), models.Q(('disabled_at__isnull', False), models.Q(('disabled_why', ''), _negated=True)), _connector='OR'), name='webhook_disabled_says_why'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['endpoint', 'due_at', 'id'], name='webhook_waiting'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['endpoint', '-id'], name='webhook_log'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('claimed_until__isnull', False), ('state', 'waiting')), fields=['claimed_until'], name='webhook_in_hand'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.UniqueConstraint(fields=('message', 'endpoint'), name='webhook_once_each'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('delivered_at__isnull', False), ('state', 'delivered')), models.Q(('delivered_at', None), ('state__in', ['waiting', 'failed'])), _connector='OR'), name='webhook_delivered_at_known'),
        ),
        migrations.RunPython(extend_roles, migrations.RunPython.noop),
    ]
