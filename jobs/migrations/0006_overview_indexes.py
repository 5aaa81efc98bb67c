"""What the overview asks of large tables, and what it keeps. 0005 is another change’s."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0005_batch_cancel'),
    ]

    operations = [
        migrations.CreateModel(
            name='DayTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20, verbose_name='name')),
                ('day', models.DateField(verbose_name='day')),
                ('rows', models.JSONField(default=list, verbose_name='rows')),
            ],
            options={
                'verbose_name': 'day’s tally',
                'verbose_name_plural': 'days’ tallies',
                'ordering': ['-day', 'name'],
                'constraints': [models.UniqueConstraint(fields=('name', 'day'), name='tally_once')],
            },
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['at'], name='decision_at'),
        ),
        migrations.AddIndex(
            model_name='ledgerentry',
            index=models.Index(fields=['month', 'at', 'amount'], name='ledger_day'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(condition=models.Q(('state__in', ['remote', 'storing', 'unknown'])), fields=['submitted_at'], name='step_left_behind'),
        ),
        migrations.AddIndex(
            model_name='tryonjob',
            index=models.Index(condition=models.Q(('state__in', ['queued', 'running'])), fields=['batch', 'account', 'state', 'created_at'], name='job_unfinished'),
        ),
        migrations.AddIndex(
            model_name='tryonjob',
            index=models.Index(condition=models.Q(('state', 'needs_attention')), fields=['batch'], name='job_attention'),
        ),
        migrations.AddIndex(
            model_name='tryonjob',
            index=models.Index(condition=models.Q(('finished_at__isnull', False)), fields=['finished_at', 'state'], name='job_finished'),
        ),
        migrations.AddIndex(
            model_name='tryonjob',
            index=models.Index(condition=models.Q(('state', 'failed')), fields=['finished_at', 'error_kind', 'error_code', 'batch'], name='job_failed'),
        ),
    ]
