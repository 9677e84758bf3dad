"""Every address of the site; each app brings its own."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView

from blu import views

handler500 = views.broken

# Before its site is asked for addresses (blu.admin_apps).
admin.autodiscover()

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.dashboard, name="dashboard"),
    path("idioma/", set_language, name="set_language"),
    path("", include("blu.accounts.urls")),
    path("", include("contacts.urls")),
    path("", include("sessions.urls")),
    path("", include("campaigns.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("admin/", admin.site.urls),
]
