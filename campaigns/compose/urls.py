"""The addresses of campaigns.compose."""

from django.urls import path

from campaigns.compose import (
    draft_views,
    forecast_views,
    launch_views,
    own_number_views,
    self_test_views,
    views,
)

urlpatterns = [
    path("campanhas/nova/", draft_views.campaign_new, name="campaign_new"),
    path("campanhas/<int:pk>/escrever/", views.campaign_edit, name="campaign_edit"),
    path("campanhas/<int:pk>/previa/", views.campaign_preview, name="campaign_preview"),
    path("campanhas/<int:pk>/contagem/", views.campaign_count, name="campaign_count"),
    path(
        "campanhas/<int:pk>/previsao/", forecast_views.campaign_forecast, name="campaign_forecast"
    ),
    path("campanhas/<int:pk>/reservas/", views.campaign_fallbacks, name="campaign_fallbacks"),
    path("campanhas/<int:pk>/testar/", self_test_views.campaign_test, name="campaign_test"),
    path(
        "campanhas/<int:pk>/testar/numero/",
        own_number_views.campaign_number,
        name="campaign_number",
    ),
    path("campanhas/<int:pk>/confirmar/", launch_views.campaign_confirm, name="campaign_confirm"),
    path("campanhas/<int:pk>/lancar/", launch_views.campaign_launch, name="campaign_launch"),
    path("campanhas/<int:pk>/duplicar/", draft_views.campaign_duplicate, name="campaign_duplicate"),
]
