"""The public addresses of contacts.optin, outside every business's own."""

from django.urls import path

from contacts.optin import views

urlpatterns = [
    path("<slug:slug>/<int:topic_pk>/", views.page, name="optin_page"),
    path("pedido/<str:token>/", views.asked, name="optin_asked"),
]
