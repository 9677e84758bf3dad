"""Every address of the site; each app brings its own.

What is about a business stands below its slug, which blu.accounts.middleware takes out of the way. Beside it
stand one's own account, the support, and what other servers tell.
"""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView

from sessions import registry

handler500 = "blu.home.views.broken"

of_a_business: list[URLPattern | URLResolver] = [
    path("", include("blu.home.urls")),
    path("", include("blu.accounts.business_urls")),
    path("", include("contacts.urls")),
    path("", include("sessions.urls")),
    path("", include("campaigns.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("blu.accounts.urls")),
    path("n/<slug:business>/", include(of_a_business)),
    path("aceite/", include("contacts.optin.public_urls")),
    path("p/", include("contacts.preferences.urls")),
    path("idioma/", set_language, name="set_language"),
    path("whatsapp/entrada/", include(registry.addresses())),
    path("admin/", include("blu.support.urls")),
]
