"""The team's addresses of contacts.optin."""

from django.urls import path

from contacts.optin import share_views

urlpatterns = [
    path("aceite/", share_views.share, name="optin_share"),
    path("aceite/<int:pk>/", share_views.topic, name="optin_topic"),
    path("aceite/<int:pk>/cartaz.pdf", share_views.poster_pdf, name="optin_poster_pdf"),
    path("aceite/<int:pk>/cartaz.png", share_views.poster_png, name="optin_poster_png"),
    path("aceite/<int:pk>/texto/", share_views.edit, name="optin_edit"),
    path("aceite/<int:pk>/fechar/", share_views.close, name="optin_close"),
]
