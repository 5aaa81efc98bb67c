from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0003_library'),
        ('jobs', '0004_launching'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='tryonjob',
            name='cancel_asked_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='asked to cancel'),
        ),
        migrations.AddIndex(
            model_name='tryonjob',
            index=models.Index(fields=['batch', 'id'], name='job_batch_newest'),
        ),
        migrations.AddIndex(
            model_name='tryonjob',
            index=models.Index(condition=models.Q(('repeats__isnull', False)), fields=['batch'], name='job_repetition'),
        ),
    ]
