"""Addresses of the library."""

from django.urls import path
from django.views.generic import RedirectView

urlpatterns = [
    path("garments/", RedirectView.as_view(pattern_name="gallery"), name="garments"),
    path("persons/", RedirectView.as_view(pattern_name="gallery"), name="persons"),
]
