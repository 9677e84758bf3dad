"""The addresses of contacts.takeout."""

from django.urls import path

from contacts.takeout import views

urlpatterns = [
    path("empresa/tudo/", views.takeout, name="takeout"),
    path("empresa/tudo.zip", views.takeout_file, name="takeout_file"),
]
