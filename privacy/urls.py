from django.urls import path

from privacy import views

urlpatterns = [
    path("persons/<int:pk>/consent/", views.person_consent, name="person-consent"),
    path("persons/<int:pk>/withdraw/", views.person_withdraw, name="person-withdraw"),
    path("persons/<int:pk>/erase/", views.person_erase, name="person-erase"),
    path("persons/<int:pk>/document/", views.person_document, name="person-document"),
]
