from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0007_roles'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(condition=models.Q(('note', ''), _negated=True), fields=['-id'], name='decision_note'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('to_state__in', ('failed', 'canceled', 'needs_attention', 'unknown', 'open', 'paused', 'pending'))), fields=['to_state', '-id'], name='event_rare'),
        ),
        migrations.AddIndex(
            model_name='result',
            index=models.Index(condition=models.Q(('review', 'approved'), ('role', 'final')), fields=['job', 'id'], name='result_approved_of_job'),
        ),
        migrations.AddIndex(
            model_name='result',
            index=models.Index(condition=models.Q(('review', 'approved'), _negated=True), fields=['review', '-id'], name='result_review'),
        ),
        migrations.AddIndex(
            model_name='result',
            index=models.Index(condition=models.Q(('role', 'final'), _negated=True), fields=['role', '-id'], name='result_role'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(condition=models.Q(('remote_id', ''), _negated=True), fields=['remote_id'], name='step_remote_id'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(condition=models.Q(('state', 'done'), _negated=True), fields=['state', '-id'], name='step_state'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(condition=models.Q(('operation', 'tryon'), _negated=True), fields=['operation', '-id'], name='step_operation'),
        ),
        migrations.AddIndex(
            model_name='tryonjob',
            index=models.Index(condition=models.Q(('state', 'succeeded'), _negated=True), fields=['state', '-id'], name='job_state'),
        ),
        migrations.AddIndex(
            model_name='tryonjob',
            index=models.Index(condition=models.Q(('error_code', ''), _negated=True), fields=['error_code', '-id'], name='job_error_code'),
        ),
    ]
