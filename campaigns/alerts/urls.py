"""The addresses of campaigns.alerts."""

from django.urls import path

from campaigns.alerts import views

urlpatterns = [
    path("whatsapp/<int:pk>/celular/", views.session_phone_opened, name="session_phone_opened"),
]
