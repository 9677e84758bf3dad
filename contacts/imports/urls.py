"""The addresses of contacts.imports."""

from django.urls import path

from contacts.imports import check_views, sheet_views, views

urlpatterns = [
    path("importacoes/", views.import_list, name="import_list"),
    path("importacoes/nova/", views.import_new, name="import_new"),
    path("importacoes/<int:pk>/", views.import_detail, name="import_detail"),
    path("importacoes/<int:pk>/colunas/", check_views.import_columns, name="import_columns"),
    path("importacoes/<int:pk>/conferir/", check_views.import_review, name="import_review"),
    path("importacoes/<int:pk>/iniciar/", check_views.import_start, name="import_start"),
    path("importacoes/<int:pk>/descartar/", views.import_discard, name="import_discard"),
    path("importacoes/<int:pk>/andamento/", views.import_progress, name="import_progress"),
    path("importacoes/<int:pk>/guardar/", check_views.import_keep, name="import_keep"),
    path(
        "importacoes/<int:pk>/erros/",
        sheet_views.import_rows_left_out,
        name="import_rows_left_out",
    ),
    path("importacoes/<int:pk>/erros.xlsx", sheet_views.import_errors, name="import_errors"),
    path(
        "importacoes/<int:pk>/quem-aceita/",
        sheet_views.import_answers_asked,
        name="import_answers_asked",
    ),
    path(
        "importacoes/<int:pk>/quem-aceita.xlsx",
        sheet_views.import_answers,
        name="import_answers",
    ),
]
