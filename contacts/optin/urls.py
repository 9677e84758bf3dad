"""The team's addresses of contacts.optin."""

from django.urls import path

from contacts.optin import share_views

urlpatterns = [
    path("aceite/", share_views.share, name="optin_share"),
    path("aceite/<int:pk>/", share_views.edit, name="optin_edit"),
    path("aceite/<int:pk>/fechar/", share_views.close, name="optin_close"),
]
