"""Addresses of the library."""

from django.urls import path

from catalog.views import bulk, fixes, imports, library, upload

urlpatterns = [
    path("garments/", library.garments, name="garments"),
    path("garments/add/", upload.add_garments, name="garment-upload"),
    path("garments/change/", bulk.change_garments, name="garment-bulk"),
    path("garments/<int:pk>/mend/", fixes.mend_garment, name="garment-mend"),
    path("persons/", library.persons, name="persons"),
    path("persons/add/", upload.add_persons, name="person-upload"),
    path("persons/change/", bulk.change_persons, name="person-bulk"),
    path("persons/<int:pk>/mend/", fixes.mend_person, name="person-mend"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:pk>/", imports.import_page, name="import"),
    path("imports/<int:pk>/progress/", imports.import_progress, name="import-progress"),
    path("imports/<int:pk>/report/", imports.import_report, name="import-report"),
    path("imports/<int:pk>/cancel/", imports.import_cancel, name="import-cancel"),
    path("imports/<int:pk>/retry/", imports.import_retry, name="import-retry"),
    path("garments/export/", imports.garments_export, name="garments-export"),
]
