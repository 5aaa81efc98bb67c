"""Addresses of the portal."""

from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from .views import batch, consent, export, gallery, hooks, result, session

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="gallery"), name="home"),
    path("overview/", RedirectView.as_view(pattern_name="gallery"), name="overview"),
    path("launch/", RedirectView.as_view(pattern_name="gallery"), name="launch"),
    path("garments/<int:pk>/", RedirectView.as_view(pattern_name="gallery"), name="garment"),
    path("persons/<int:pk>/", RedirectView.as_view(pattern_name="gallery"), name="person"),
    path("persons/<int:pk>/consent/", consent.person_consent, name="person-consent"),
    path("persons/<int:pk>/withdraw/", consent.person_withdraw, name="person-withdraw"),
    path("persons/<int:pk>/erase/", consent.person_erase, name="person-erase"),
    path("persons/<int:pk>/document/", consent.person_document, name="person-document"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("results/<int:pk>/", result.result, name="result"),
    path("results/<int:pk>/download/", export.result_download, name="result-download"),
    path("results/<int:pk>/provenance/", export.result_provenance, name="result-provenance"),
    path("export/", export.export_zip, name="export"),
    path("results/<int:pk>/decide/", result.decide, name="decide"),
    path("jobs/<int:pk>/", result.job, name="job"),
    path("jobs/<int:pk>/repeat/", result.repeat, name="job-repeat"),
    path("jobs/<int:pk>/cancel/", result.cancel, name="job-cancel"),
    path("jobs/<int:pk>/settle/", result.settle, name="job-settle"),
    path("batches/", batch.batch_list, name="batches"),
    path("batches/<int:pk>/", batch.batch, name="batch"),
    path("batches/<int:pk>/progress/", batch.batch_progress, name="batch-progress"),
    path("batches/<int:pk>/cancel/", batch.batch_cancel, name="batch-cancel"),
    path("batches/<int:pk>/retry/", batch.batch_retry, name="batch-retry"),
    path("batches/<int:pk>/budget/", batch.batch_budget, name="batch-budget"),
    path("hooks/dashscope/<str:secret>", hooks.dashscope, name="hook-dashscope"),
    path("login/", session.SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", set_language, name="set-language"),
    path("theme/", session.theme, name="theme"),
]
