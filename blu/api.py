"""Every address below /api/v1/; each app brings its view sets."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from sessions.api import SessionViewSet

router = SimpleRouter()
router.register("sessions", SessionViewSet, basename="api_session")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("", include(router.urls)),
]
