"""The addresses of contacts.erasure."""

from django.urls import path

from contacts.erasure import views

urlpatterns = [path("contatos/<int:pk>/apagar/", views.contact_erase, name="contact_erase")]
