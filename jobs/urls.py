"""Addresses of the portal."""

from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from .views import (
    asset,
    batch,
    batch_list,
    batch_posts,
    consent,
    gallery,
    hooks,
    imports,
    result,
    session,
)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="gallery"), name="home"),
    path("overview/", RedirectView.as_view(pattern_name="gallery"), name="overview"),
    path("launch/", RedirectView.as_view(pattern_name="gallery"), name="launch"),
    path("garments/<int:pk>/", asset.garment, name="garment"),
    path("persons/<int:pk>/", asset.person, name="person"),
    path("persons/<int:pk>/consent/", consent.person_consent, name="person-consent"),
    path("persons/<int:pk>/withdraw/", consent.person_withdraw, name="person-withdraw"),
    path("persons/<int:pk>/erase/", consent.person_erase, name="person-erase"),
    path("persons/<int:pk>/document/", consent.person_document, name="person-document"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("results/<int:pk>/", result.result, name="result"),
    path("results/<int:pk>/decide/", result.decide, name="decide"),
    path("jobs/<int:pk>/", result.job, name="job"),
    path("jobs/<int:pk>/repeat/", result.repeat, name="job-repeat"),
    path("jobs/<int:pk>/cancel/", result.cancel, name="job-cancel"),
    path("jobs/<int:pk>/settle/", result.settle, name="job-settle"),
    path("batches/", batch_list.batch_list, name="batches"),
    path("batches/<int:pk>/", batch.batch, name="batch"),
    path("batches/<int:pk>/progress/", batch.batch_progress, name="batch-progress"),
    path("batches/<int:pk>/pause/", batch_posts.batch_pause, name="batch-pause"),
    path("batches/<int:pk>/resume/", batch_posts.batch_resume, name="batch-resume"),
    path("batches/<int:pk>/priority/", batch_posts.batch_priority, name="batch-priority"),
    path("batches/<int:pk>/budget/", batch_posts.batch_budget, name="batch-budget"),
    path("batches/<int:pk>/cancel/", batch_posts.batch_cancel, name="batch-cancel"),
    path("batches/<int:pk>/retry/", batch_posts.batch_retry, name="batch-retry"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:pk>/", imports.import_page, name="import"),
    path("imports/<int:pk>/progress/", imports.import_progress, name="import-progress"),
    path("imports/<int:pk>/report/", imports.import_report, name="import-report"),
    path("imports/<int:pk>/cancel/", imports.import_cancel, name="import-cancel"),
    path("imports/<int:pk>/retry/", imports.import_retry, name="import-retry"),
    path("garments/export/", imports.garments_export, name="garments-export"),
    path("hooks/dashscope/<str:secret>", hooks.dashscope, name="hook-dashscope"),
    path("login/", session.SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", set_language, name="set-language"),
    path("theme/", session.theme, name="theme"),
]
