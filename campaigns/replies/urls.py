"""The addresses of campaigns.replies."""

from django.urls import path

from campaigns.replies import views

urlpatterns = [
    path("respostas/", views.reply_list, name="reply_list"),
    path("respostas/<int:pk>/resolver/", views.reply_handle, name="reply_handle"),
]
