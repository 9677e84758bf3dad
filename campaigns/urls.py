"""The campaign pages and their part of the API."""

from django.urls import include, path

urlpatterns = [
    path("", include("campaigns.reports.urls")),
    path("", include("campaigns.compose.urls")),
    path("", include("campaigns.limits.urls")),
    path("", include("campaigns.alerts.urls")),
    path("", include("campaigns.messages.urls")),
    path("", include("campaigns.replies.urls")),
    path("api/v1/", include("campaigns.api.urls")),
]
