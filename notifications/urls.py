from django.urls import path

from notifications import views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/count/", views.unread, name="unread"),
    path("notifications/read/", views.read, name="notifications-read"),
    path("notifications/<int:pk>/", views.follow, name="notification"),
]
