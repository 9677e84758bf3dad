"""The addresses of contacts.people."""

from django.urls import path

from contacts.people import segment_views, stop_views, topic_views, views

urlpatterns = [
    path("contatos/", views.contact_list, name="contact_list"),
    path("contatos/novo/", views.contact_new, name="contact_new"),
    path("contatos/<int:pk>/", views.contact_detail, name="contact_detail"),
    path("contatos/<int:pk>/editar/", views.contact_edit, name="contact_edit"),
    path("contatos/<int:pk>/numero/", views.contact_number, name="contact_number"),
    path("contatos/<int:pk>/assunto/", views.contact_consent, name="contact_consent"),
    path("contatos/<int:pk>/pediu-para-sair/", stop_views.contact_stop, name="contact_stop"),
    path("assuntos/", topic_views.topic_list, name="topic_list"),
    path("assuntos/novo/", topic_views.topic_new, name="topic_new"),
    path("assuntos/<int:pk>/", topic_views.topic_edit, name="topic_edit"),
    path("publicos/", segment_views.segment_list, name="segment_list"),
    path("publicos/novo/", segment_views.segment_new, name="segment_new"),
    path("publicos/contagem/", segment_views.segment_count, name="segment_count"),
    path("publicos/<int:pk>/", segment_views.segment_edit, name="segment_edit"),
]
