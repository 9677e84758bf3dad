"""The addresses of campaigns.replies."""

from django.urls import path

from campaigns.replies import erase_views, hold_views, views

urlpatterns = [
    path("respostas/", views.reply_list, name="reply_list"),
    path("respostas/a-decidir/", hold_views.hold_list, name="hold_list"),
    path("respostas/a-decidir/<int:pk>/", hold_views.hold_decide, name="hold_decide"),
    path("respostas/<int:pk>/resolver/", views.reply_handle, name="reply_handle"),
    path("respostas/<int:pk>/apagar/", erase_views.reply_erase, name="reply_erase"),
]
