"""The WhatsApp pages and their part of the API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from sessions.api import SessionViewSet
from sessions.linking import move_views, views

router = SimpleRouter()
router.register("sessions", SessionViewSet, basename="api_session")

urlpatterns = [
    path("whatsapp/", views.session_list, name="session_list"),
    path("whatsapp/novo/", views.session_new, name="session_new"),
    path("whatsapp/uso-responsavel/", views.session_terms, name="session_terms"),
    path("whatsapp/<int:pk>/", views.session_detail, name="session_detail"),
    path("whatsapp/<int:pk>/conectar/", views.session_pair, name="session_pair"),
    path("whatsapp/<int:pk>/conectar/estado/", views.session_pair_state, name="session_pair_state"),
    path(
        "whatsapp/<int:pk>/conectar/cancelar/",
        views.session_pair_cancel,
        name="session_pair_cancel",
    ),
    path("whatsapp/<int:pk>/conectar/por-onde/", views.session_kind, name="session_kind"),
    path("whatsapp/<int:pk>/olhar/", views.session_look, name="session_look"),
    path("whatsapp/<int:pk>/codigo.svg", views.session_qr, name="session_qr"),
    path("whatsapp/<int:pk>/mudar/", move_views.session_move, name="session_move"),
    path("whatsapp/<int:pk>/mudar/voltar/", move_views.session_move_back, name="session_move_back"),
    path(
        "whatsapp/<int:pk>/mudar/dispensar/", move_views.session_move_end, name="session_move_end"
    ),
    path("whatsapp/<int:pk>/desconectar/", views.session_unlink, name="session_unlink"),
    path("api/v1/", include(router.urls)),
]
