"""Addresses of the library."""

from django.urls import path

from .views import bulk, library, remedy, upload

urlpatterns = [
    path("garments/", library.garments, name="garments"),
    path("garments/add/", upload.add_garments, name="garment-upload"),
    path("garments/change/", bulk.change_garments, name="garment-bulk"),
    path("garments/<int:pk>/mend/", remedy.mend_garment, name="garment-mend"),
    path("persons/", library.persons, name="persons"),
    path("persons/add/", upload.add_persons, name="person-upload"),
    path("persons/change/", bulk.change_persons, name="person-bulk"),
    path("persons/<int:pk>/mend/", remedy.mend_person, name="person-mend"),
]
