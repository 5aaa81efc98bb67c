from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0012_comparison'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='result',
            index=models.Index(condition=models.Q(('review', 'pending'), ('role', 'final')), fields=['job'], name='result_pending_of_job'),
        ),
    ]
