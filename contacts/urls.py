"""Addresses of contacts, imports, topics and segments."""

from django.urls import path

from contacts.views import imports, people, segments, topics

urlpatterns = [
    path("contatos/", people.contact_list, name="contact_list"),
    path("contatos/novo/", people.contact_new, name="contact_new"),
    path("contatos/<int:pk>/", people.contact_detail, name="contact_detail"),
    path("contatos/<int:pk>/editar/", people.contact_edit, name="contact_edit"),
    path("contatos/<int:pk>/numero/", people.contact_number, name="contact_number"),
    path("contatos/<int:pk>/assunto/", people.contact_consent, name="contact_consent"),
    path("importacoes/", imports.import_list, name="import_list"),
    path("importacoes/nova/", imports.import_new, name="import_new"),
    path("importacoes/<int:pk>/", imports.import_detail, name="import_detail"),
    path("importacoes/<int:pk>/colunas/", imports.import_columns, name="import_columns"),
    path("importacoes/<int:pk>/conferir/", imports.import_review, name="import_review"),
    path("importacoes/<int:pk>/iniciar/", imports.import_start, name="import_start"),
    path("importacoes/<int:pk>/descartar/", imports.import_discard, name="import_discard"),
    path("importacoes/<int:pk>/andamento/", imports.import_progress, name="import_progress"),
    path("importacoes/<int:pk>/guardar/", imports.import_keep, name="import_keep"),
    path("importacoes/<int:pk>/erros/", imports.import_rows_left_out, name="import_rows_left_out"),
    path("importacoes/<int:pk>/erros.xlsx", imports.import_errors, name="import_errors"),
    path("assuntos/", topics.topic_list, name="topic_list"),
    path("assuntos/novo/", topics.topic_new, name="topic_new"),
    path("assuntos/<int:pk>/", topics.topic_edit, name="topic_edit"),
    path("publicos/", segments.segment_list, name="segment_list"),
    path("publicos/novo/", segments.segment_new, name="segment_new"),
    path("publicos/contagem/", segments.segment_count, name="segment_count"),
    path("publicos/<int:pk>/", segments.segment_edit, name="segment_edit"),
]
