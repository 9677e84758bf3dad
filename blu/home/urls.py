"""The first page's address."""

from django.urls import path

from blu.home import views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
]
