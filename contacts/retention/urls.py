"""The addresses of contacts.retention."""

from django.urls import path

from contacts.retention import views

urlpatterns = [path("guarda/", views.retention, name="retention")]
