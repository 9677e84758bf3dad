"""The addresses of people's own pages, outside every business's own."""

from django.urls import path

from contacts.preferences import views

urlpatterns = [
    path("<str:token>/", views.preferences, name="preferences"),
    path("<str:token>/dados/", views.preferences_data, name="preferences_data"),
    path("<str:token>/apagar/", views.preferences_erase, name="preferences_erase"),
    path("<str:token>/dados.json", views.preferences_export, name="preferences_export"),
]
