"""The addresses of campaigns.reports."""

from django.urls import path

from campaigns.reports import decision_views, list_views, proof_views, recipient_views, views

urlpatterns = [
    path("campanhas/", list_views.campaign_list, name="campaign_list"),
    path("campanhas/<int:pk>/", views.campaign_detail, name="campaign_detail"),
    path("campanhas/<int:pk>/pausar/", views.campaign_pause, name="campaign_pause"),
    path("campanhas/<int:pk>/retomar/", views.campaign_resume, name="campaign_resume"),
    path("campanhas/<int:pk>/cancelar/", views.campaign_cancel, name="campaign_cancel"),
    path("campanhas/<int:pk>/andamento/", views.campaign_progress, name="campaign_progress"),
    path("campanhas/<int:pk>/destinatarios/", recipient_views.delivery_list, name="delivery_list"),
    path(
        "campanhas/<int:pk>/destinatarios/<int:delivery_pk>/",
        recipient_views.delivery_detail,
        name="delivery_detail",
    ),
    path(
        "campanhas/<int:pk>/destinatarios/<int:delivery_pk>/decidir/",
        decision_views.delivery_decide,
        name="delivery_decide",
    ),
    path(
        "campanhas/<int:pk>/destinatarios/<int:delivery_pk>/prova/",
        proof_views.delivery_proof,
        name="delivery_proof",
    ),
    path(
        "campanhas/<int:pk>/destinatarios/<int:delivery_pk>/prova.pdf",
        proof_views.delivery_proof_pdf,
        name="delivery_proof_pdf",
    ),
    path("contatos/<int:pk>/prova/", proof_views.contact_proof, name="contact_proof"),
    path("contatos/<int:pk>/prova.pdf", proof_views.contact_proof_pdf, name="contact_proof_pdf"),
    path("campanhas/<int:pk>/planilha/", views.campaign_sheet, name="campaign_sheet"),
    path("campanhas/<int:pk>/planilha.xlsx", views.campaign_export, name="campaign_export"),
    path(
        "contatos/<int:pk>/envios/", recipient_views.contact_deliveries, name="contact_deliveries"
    ),
]
