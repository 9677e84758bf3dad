"""The addresses of campaigns.messages."""

from django.urls import path

from campaigns.messages import views

urlpatterns = [
    path("modelos/", views.template_list, name="template_list"),
    path("modelos/novo/", views.template_new, name="template_new"),
    path("modelos/<int:pk>/", views.template_edit, name="template_edit"),
    path("modelos/<int:pk>/duplicar/", views.template_duplicate, name="template_duplicate"),
    path("modelos/<int:pk>/apagar/", views.template_delete, name="template_delete"),
]
