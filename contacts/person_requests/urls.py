"""The addresses of contacts.person_requests."""

from django.urls import path

from contacts.person_requests import views

urlpatterns = [
    path("pedidos/", views.person_request_list, name="person_request_list"),
    path("pedidos/<int:pk>/", views.person_request_close, name="person_request_close"),
]
