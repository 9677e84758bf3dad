"""The addresses of campaigns.limits."""

from django.urls import path

from campaigns.limits import views

urlpatterns = [
    path("whatsapp/<int:pk>/limites/", views.session_limits, name="session_limits"),
]
