import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0008_page_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='batch',
            name='ready_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='ready for review'),
        ),
        migrations.AddField(
            model_name='batch',
            name='reviewed_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='reviewed'),
        ),
        migrations.AddField(
            model_name='decision',
            name='key',
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
        migrations.AddField(
            model_name='decision',
            name='opinion',
            field=models.BooleanField(default=False, editable=False, verbose_name='opinion'),
        ),
        migrations.AddField(
            model_name='result',
            name='leased_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='in review by'),
        ),
        migrations.AddField(
            model_name='result',
            name='leased_until',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='tryonjob',
            name='attempt_of',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='attempts', to='jobs.tryonjob', verbose_name='another attempt of'),
        ),
        migrations.CreateModel(
            name='Gallery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('slug', models.SlugField(max_length=80, unique=True, verbose_name='address')),
                ('text', models.TextField(blank=True, max_length=2000, verbose_name='text')),
                ('access', models.CharField(choices=[('public', 'Everybody'), ('link', 'Only by share link')], default='public', max_length=8, verbose_name='access')),
                ('shown_from', models.DateTimeField(blank=True, null=True, verbose_name='shown from')),
                ('shown_until', models.DateTimeField(blank=True, null=True, verbose_name='shown until')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('cover', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.result', verbose_name='cover')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
            ],
            options={
                'verbose_name': 'gallery',
                'verbose_name_plural': 'galleries',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='GalleryItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(verbose_name='position')),
                ('gallery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='jobs.gallery', verbose_name='gallery')),
                ('result', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='jobs.result', verbose_name='result')),
            ],
            options={
                'verbose_name': 'gallery item',
                'verbose_name_plural': 'gallery items',
                'ordering': ['position', 'id'],
            },
        ),
        migrations.AddField(
            model_name='gallery',
            name='results',
            field=models.ManyToManyField(related_name='galleries', through='jobs.GalleryItem', to='jobs.result', verbose_name='results'),
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('ready', 'Ready for review'), ('reviewed', 'Reviewed')], max_length=12, verbose_name='kind')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='at')),
                ('read_at', models.DateTimeField(null=True, verbose_name='read')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='jobs.batch', verbose_name='batch')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'notification',
                'verbose_name_plural': 'notifications',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='PublicImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(editable=False, max_length=64, unique=True)),
                ('widths', models.JSONField(default=list, editable=False)),
                ('width', models.PositiveIntegerField(default=0, editable=False)),
                ('height', models.PositiveIntegerField(default=0, editable=False)),
                ('label', models.CharField(editable=False, max_length=40)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('result', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='public', to='jobs.result', verbose_name='result')),
            ],
            options={
                'verbose_name': 'public image',
                'verbose_name_plural': 'public images',
            },
        ),
        migrations.CreateModel(
            name='ShareLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(blank=True, max_length=80, verbose_name='for whom')),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('expires_at', models.DateTimeField(verbose_name='expires')),
                ('revoked_at', models.DateTimeField(editable=False, null=True, verbose_name='revoked')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('last_used_at', models.DateTimeField(editable=False, null=True, verbose_name='last used')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                ('gallery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='jobs.gallery', verbose_name='gallery')),
            ],
            options={
                'verbose_name': 'share link',
                'verbose_name_plural': 'share links',
                'ordering': ['-id'],
            },
        ),
        migrations.AddIndex(
            model_name='galleryitem',
            index=models.Index(fields=['gallery', 'position', 'id'], name='gallery_order'),
        ),
        migrations.AddConstraint(
            model_name='galleryitem',
            constraint=models.UniqueConstraint(fields=('gallery', 'result'), name='gallery_item_once'),
        ),
        migrations.AddConstraint(
            model_name='gallery',
            constraint=models.CheckConstraint(condition=models.Q(('shown_until', None), ('shown_from__lt', models.F('shown_until')), _connector='OR'), name='gallery_ends_after_it_begins'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('read_at', None)), fields=['user', '-id'], name='unread_of_user'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(fields=('user', 'kind', 'batch'), name='notified_once'),
        ),
    ]
