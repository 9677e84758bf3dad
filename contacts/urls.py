"""Addresses of contacts, imports, topics and segments."""

from django.urls import include, path

urlpatterns = [
    path("", include("contacts.people.urls")),
    path("", include("contacts.imports.urls")),
    path("", include("contacts.optin.urls")),
    path("", include("contacts.erasure.urls")),
    path("", include("contacts.person_requests.urls")),
    path("", include("contacts.retention.urls")),
    path("", include("contacts.takeout.urls")),
]
