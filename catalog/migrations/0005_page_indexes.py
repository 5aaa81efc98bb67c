from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0004_imports'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='garment',
            index=models.Index(fields=['season', '-id'], name='garment_season'),
        ),
        migrations.AddIndex(
            model_name='garment',
            index=models.Index(fields=['name', 'id'], name='garment_name'),
        ),
    ]
