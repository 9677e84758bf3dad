"""Addresses of a business's own data, and of who has access to it."""

from django.urls import path

from blu.accounts import people_views, views

urlpatterns = [
    path("empresa/", views.business_edit, name="business_edit"),
    path("empresa/pessoas/", people_views.member_list, name="member_list"),
    path("empresa/pessoas/<int:pk>/", people_views.member_edit, name="member_edit"),
    path("empresa/pessoas/<int:pk>/tirar/", people_views.member_remove, name="member_remove"),
    path(
        "empresa/convites/<int:pk>/reenviar/",
        people_views.invitation_resend,
        name="invitation_resend",
    ),
    path(
        "empresa/convites/<int:pk>/cancelar/",
        people_views.invitation_cancel,
        name="invitation_cancel",
    ),
]
