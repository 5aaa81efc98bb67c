from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.i18n import set_language

from users import views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    # allauth knows the same page, and the next one, by these names.
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("login/code/", views.SecondFactor.as_view(), name="mfa_authenticate"),
    path("logout/", login_not_required(LogoutView.as_view()), name="logout"),
    path("language/", login_not_required(set_language), name="set-language"),
    path("theme/", views.theme, name="theme"),
]
