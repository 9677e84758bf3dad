"""How the admin looks and what its side bar lists; settings take UNFOLD from here."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The blue of static/blu/css/tokens.css, lighter and darker.
BLUE = {
    "50": "#eef4ff",
    "100": "#dce8fd",
    "200": "#bdd3fb",
    "300": "#90b4f6",
    "400": "#5f8fec",
    "500": "#3a70dd",
    "600": "#1d5fc2",
    "700": "#194f9f",
    "800": "#184480",
    "900": "#173a6a",
    "950": "#102444",
}


def _item(title: str | Promise, icon: str, table: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{table}_changelist")}


NAVIGATION = [
    {
        "title": _("Suporte"),
        "items": [
            {"title": _("Início"), "icon": "home", "link": reverse_lazy("admin:index")},
            {"title": _("Buscar"), "icon": "search", "link": reverse_lazy("admin:support_search")},
        ],
    },
    {
        "title": _("Negócios"),
        "separator": True,
        "items": [
            _item(_("Negócios"), "storefront", "accounts_business"),
            _item(_("Pessoas"), "person", "accounts_user"),
            _item(_("Participações"), "badge", "accounts_membership"),
            _item(_("Convites"), "forward_to_inbox", "accounts_invitation"),
            _item(_("Negócios encerrados"), "domain_disabled", "accounts_businessclosing"),
        ],
    },
    {
        "title": _("Contatos"),
        "separator": True,
        "items": [
            _item(_("Contatos"), "contacts", "contacts_contact"),
            _item(_("Assuntos"), "sell", "contacts_topic"),
            _item(_("Públicos"), "groups", "contacts_segment"),
            _item(_("Consentimentos"), "verified_user", "contacts_consent"),
            _item(_("Inscrições"), "how_to_reg", "contacts_subscription"),
            _item(_("Pediram para não receber"), "block", "contacts_stop"),
            _item(_("Páginas de aceite"), "campaign", "contacts_optintext"),
            _item(_("Pedidos para receber"), "front_hand", "contacts_optin"),
            _item(_("Pessoas apagadas"), "person_remove", "contacts_erasure"),
            _item(_("Consentimentos de apagados"), "history_toggle_off", "contacts_erasedconsent"),
            _item(_("Pedidos de pessoas"), "assignment_ind", "contacts_personrequest"),
            _item(_("Prazos de guarda"), "timer", "contacts_retention"),
            _item(_("Limpezas da noite"), "auto_delete", "contacts_retentionrun"),
            _item(_("Importações"), "upload_file", "contacts_import"),
            _item(_("Linhas com problema"), "report", "contacts_importproblem"),
        ],
    },
    {
        "title": _("Campanhas"),
        "separator": True,
        "items": [
            _item(_("Campanhas"), "campaign", "campaigns_campaign"),
            _item(_("Envios"), "send", "campaigns_delivery"),
            _item(_("Decisões"), "gavel", "campaigns_decision"),
            _item(_("Avisos"), "notifications", "campaigns_notice"),
            _item(_("Números próprios"), "verified", "campaigns_numberproof"),
            _item(_("Respostas"), "reply", "campaigns_reply"),
            _item(_("Respostas a decidir"), "pause_circle", "campaigns_hold"),
            _item(_("Confirmações adiantadas"), "done_all", "campaigns_earlyreceipt"),
            _item(_("Modelos"), "description", "campaigns_template"),
        ],
    },
    {
        "title": _("WhatsApp"),
        "separator": True,
        "items": [
            _item(_("Conexões"), "smartphone", "wa_sessions_whatsappsession"),
            _item(_("Limites de envio"), "speed", "campaigns_sessionlimits"),
            _item(_("Avisos aos responsáveis"), "notification_important", "campaigns_sessionalert"),
            _item(_("Acontecimentos"), "history", "wa_sessions_sessionevent"),
            _item(_("Conversas"), "chat", "wa_sessions_chat"),
            _item(_("Conversas já ouvidas"), "mark_chat_read", "wa_sessions_browserlook"),
            _item(_("Tentativas de conectar"), "qr_code", "wa_sessions_pairing"),
            _item(_("Aparelhos conectados"), "devices", "wa_sessions_link"),
            _item(_("Telas não entendidas"), "visibility_lock", "wa_sessions_pageevidence"),
            _item(_("Aberturas de telas"), "manage_search", "wa_sessions_evidenceopening"),
            _item(_("Direitos de uso"), "key", "wa_sessions_lease"),
            _item(_("Cópias das conexões"), "backup", "wa_sessions_homearchive"),
        ],
    },
    {
        "title": _("Máquinas"),
        "separator": True,
        "items": [
            _item(_("Máquinas"), "dns", "wa_sessions_node"),
            _item(_("Processos"), "memory", "wa_sessions_runner"),
            _item(_("Tarefas na fila"), "pending", "django_q_ormq"),
            _item(_("Tarefas que falharam"), "error", "django_q_failure"),
            _item(_("Tarefas feitas"), "task_alt", "django_q_success"),
        ],
    },
    {
        "title": _("Acesso"),
        "separator": True,
        "items": [
            _item(_("Endereços de e-mail"), "mail", "account_emailaddress"),
            _item(_("Verificações em duas etapas"), "password", "mfa_authenticator"),
            _item(_("Grupos do suporte"), "admin_panel_settings", "auth_group"),
        ],
    },
]

UNFOLD = {
    "SITE_TITLE": _("blü · suporte"),
    "SITE_HEADER": "blü",
    "SITE_SUBHEADER": _("suporte"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "support_agent",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("blu/img/favicon.svg"),
        }
    ],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "COLORS": {"primary": BLUE},
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": NAVIGATION},
    "ACCOUNT": {
        "navigation": [{"title": _("Sua conta"), "link": reverse_lazy("account_security")}]
    },
}
