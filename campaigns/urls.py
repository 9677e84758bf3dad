"""The campaign pages and their part of the API."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from campaigns import api
from campaigns.views import (
    compose,
    decisions,
    drafts,
    forecast,
    launch,
    limits,
    listing,
    own_number,
    phone,
    recipients,
    replies,
    self_test,
    templates,
    watch,
)

router = SimpleRouter()
router.register("campaigns", api.CampaignViewSet, basename="api_campaign")
router.register("templates", api.TemplateViewSet, basename="api_template")
router.register("replies", api.ReplyViewSet, basename="api_reply")

one_campaign = [
    path("", watch.campaign_detail, name="campaign_detail"),
    path("escrever/", compose.campaign_edit, name="campaign_edit"),
    path("previa/", compose.campaign_preview, name="campaign_preview"),
    path("contagem/", compose.campaign_count, name="campaign_count"),
    path("previsao/", forecast.campaign_forecast, name="campaign_forecast"),
    path("reservas/", compose.campaign_fallbacks, name="campaign_fallbacks"),
    path("testar/", self_test.campaign_test, name="campaign_test"),
    path("testar/numero/", own_number.campaign_number, name="campaign_number"),
    path("confirmar/", launch.campaign_confirm, name="campaign_confirm"),
    path("lancar/", launch.campaign_launch, name="campaign_launch"),
    path("pausar/", watch.campaign_pause, name="campaign_pause"),
    path("retomar/", watch.campaign_resume, name="campaign_resume"),
    path("cancelar/", watch.campaign_cancel, name="campaign_cancel"),
    path("duplicar/", drafts.campaign_duplicate, name="campaign_duplicate"),
    path("andamento/", watch.campaign_progress, name="campaign_progress"),
    path("destinatarios/", recipients.delivery_list, name="delivery_list"),
    path("destinatarios/<int:delivery_pk>/", recipients.delivery_detail, name="delivery_detail"),
    path(
        "destinatarios/<int:delivery_pk>/decidir/",
        decisions.delivery_decide,
        name="delivery_decide",
    ),
    path("planilha/", watch.campaign_sheet, name="campaign_sheet"),
    path("planilha.xlsx", watch.campaign_export, name="campaign_export"),
]

urlpatterns = [
    path("campanhas/", listing.campaign_list, name="campaign_list"),
    path("campanhas/nova/", drafts.campaign_new, name="campaign_new"),
    path("campanhas/<int:pk>/", include(one_campaign)),
    path("contatos/<int:pk>/envios/", recipients.contact_deliveries, name="contact_deliveries"),
    path("whatsapp/<int:pk>/limites/", limits.session_limits, name="session_limits"),
    path("whatsapp/<int:pk>/celular/", phone.session_phone_opened, name="session_phone_opened"),
    path("modelos/", templates.template_list, name="template_list"),
    path("modelos/novo/", templates.template_new, name="template_new"),
    path("modelos/<int:pk>/", templates.template_edit, name="template_edit"),
    path("modelos/<int:pk>/duplicar/", templates.template_duplicate, name="template_duplicate"),
    path("modelos/<int:pk>/apagar/", templates.template_delete, name="template_delete"),
    path("respostas/", replies.reply_list, name="reply_list"),
    path("respostas/<int:pk>/resolver/", replies.reply_handle, name="reply_handle"),
    path("api/v1/", include(router.urls)),
]
