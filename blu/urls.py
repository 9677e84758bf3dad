"""Every address of the site; each app brings its own."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("conta/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
