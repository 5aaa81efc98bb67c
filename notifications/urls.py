from django.urls import path

from notifications import views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/count/", views.unread_count, name="unread"),
    path("notifications/read/", views.mark_all_read, name="notifications-read"),
    path("notifications/<int:pk>/", views.open_notification, name="notification"),
]
