"""Every address of the site; each app brings its own."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView

handler500 = "blu.home.views.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("blu.home.urls")),
    path("idioma/", set_language, name="set_language"),
    path("", include("blu.accounts.urls")),
    path("", include("contacts.urls")),
    path("", include("sessions.urls")),
    path("", include("campaigns.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("admin/", include("blu.support.urls")),
]
