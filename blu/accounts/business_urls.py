"""Addresses of a business's own data, and of who has access to it."""

from django.urls import path

from blu.accounts import closing_views, member_views, views

urlpatterns = [
    path("empresa/", views.business_edit, name="business_edit"),
    path("empresa/encerrar/", closing_views.business_close, name="business_close"),
    path("empresa/pessoas/", member_views.member_list, name="member_list"),
    path("empresa/pessoas/<int:pk>/", member_views.member_edit, name="member_edit"),
    path("empresa/pessoas/<int:pk>/tirar/", member_views.member_remove, name="member_remove"),
    path(
        "empresa/convites/<int:pk>/reenviar/",
        member_views.invitation_resend,
        name="invitation_resend",
    ),
    path(
        "empresa/convites/<int:pk>/cancelar/",
        member_views.invitation_cancel,
        name="invitation_cancel",
    ),
]
