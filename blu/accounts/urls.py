"""Addresses of one's own account. allauth's views keep their names, which it looks up itself."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path, re_path

from blu.accounts import invitation_views, views

ENTRANCE = [
    path("conta/entrar/", account.login, name="account_login"),
    path("conta/sair/", account.logout, name="account_logout"),
    path("conta/criar/", account.signup, name="account_signup"),
    path("conta/desligada/", account.account_inactive, name="account_inactive"),
    path("conta/confirme/", account.reauthenticate, name="account_reauthenticate"),
    path("conta/email/", account.email, name="account_email"),
    path(
        "conta/email/confirmar/",
        account.email_verification_sent,
        name="account_email_verification_sent",
    ),
    re_path(
        r"^conta/email/confirmar/(?P<key>[-:\w]+)/$",
        account.confirm_email,
        name="account_confirm_email",
    ),
    re_path(
        r"^conta/email/desfazer/(?P<key>[-:\w]+)/$",
        views.email_take_back,
        name="account_email_take_back",
    ),
]
PASSWORD = [
    path("conta/senha/trocar/", account.password_change, name="account_change_password"),
    path("conta/senha/criar/", account.password_set, name="account_set_password"),
    path("conta/senha/recuperar/", account.password_reset, name="account_reset_password"),
    path(
        "conta/senha/recuperar/enviado/",
        account.password_reset_done,
        name="account_reset_password_done",
    ),
    path(
        "conta/senha/nova/pronta/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^conta/senha/nova/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]
SECOND_STEP = [
    path("conta/etapas/", mfa.index, name="mfa_index"),
    path("conta/etapas/entrar/", mfa.authenticate, name="mfa_authenticate"),
    path("conta/etapas/confirme/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("conta/etapas/aplicativo/ligar/", totp.activate_totp, name="mfa_activate_totp"),
    path("conta/etapas/aplicativo/desligar/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path(
        "conta/etapas/reserva/",
        recovery_codes.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "conta/etapas/reserva/gerar/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "conta/etapas/reserva/baixar/",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]
PASSKEYS = [
    path("conta/chaves/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("conta/chaves/nova/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("conta/chaves/entrar/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path(
        "conta/chaves/confirme/",
        webauthn.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("conta/chaves/<int:pk>/nome/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("conta/chaves/<int:pk>/apagar/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
]
OWN = [
    path("", views.home, name="home"),
    path("conta/", views.account_security, name="account_security"),
    path("empresa/nova/", views.business_new, name="business_new"),
    re_path(r"^convite/(?P<key>[-:\w]+)/$", invitation_views.invited, name="invited"),
    re_path(r"^convite/(?P<key>[-:\w]+)/criar/$", invitation_views.sign_up, name="invited_sign_up"),
]
urlpatterns = [*ENTRANCE, *PASSWORD, *SECOND_STEP, *PASSKEYS, *OWN]
