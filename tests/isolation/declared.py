"""Every address, field and parameter that takes a row's key, and how a foreign one is tried.

tests/test_isolation.py compares these tables with what it finds in the sources, so that whoever adds
an address, a choice or a parameter adds its line here, and with it its test.
"""

from typing import Any, NamedTuple

# Addresses that aren't a business's: by the beginning of their name, and why.
EXEMPT = {
    "account_": "one's own account: allauth knows no row but the user's",
    "mfa_": "one's own second factors: allauth looks them up by user",
    "invited": "a signed link for one address: tests/blu/accounts/test_invitation_views.py opens it as others",
    "optin_page": "public: a slug and a topic's number on a poster; tests/contacts/optin opens it as anybody",
    "optin_asked": "one person's request, by what nobody guesses: tests/contacts/optin",
    "preferences": "a signed link for one person: tests/contacts/preferences opens it as others",
    "set_language": "a cookie of one's own; it knows no row",
    "api_schema": "the shape of the API; it holds no row",
}

# Addresses of no business. All others take its slug, and are a 404 to who doesn't belong there.
OUTSIDE = ("home", "business_new")

# The kind of row behind each key of each address, but for the slug; see World.keys.
ROUTES: dict[str, dict[str, str]] = {
    "dashboard": {},
    "business_edit": {},
    "business_new": {},
    "home": {},
    "member_list": {},
    "member_edit": {"pk": "member"},
    "member_remove": {"pk": "member"},
    "invitation_resend": {"pk": "invitation"},
    "invitation_cancel": {"pk": "invitation"},
    "contact_list": {},
    "contact_new": {},
    "contact_detail": {"pk": "contact"},
    "contact_edit": {"pk": "contact"},
    "contact_erase": {"pk": "contact"},
    "reply_erase": {"pk": "reply"},
    "person_request_list": {},
    "person_request_close": {"pk": "person_request"},
    "retention": {},
    "takeout": {},
    "takeout_file": {},
    "business_close": {},
    "contact_number": {"pk": "contact"},
    "contact_consent": {"pk": "contact"},
    "contact_stop": {"pk": "contact"},
    "contact_deliveries": {"pk": "contact"},
    "contact_proof": {"pk": "contact"},
    "contact_proof_pdf": {"pk": "contact"},
    "delivery_proof": {"pk": "campaign", "delivery_pk": "delivery"},
    "delivery_proof_pdf": {"pk": "campaign", "delivery_pk": "delivery"},
    "import_list": {},
    "import_new": {},
    "import_detail": {"pk": "import"},
    "import_columns": {"pk": "import"},
    "import_review": {"pk": "import"},
    "import_start": {"pk": "import"},
    "import_discard": {"pk": "import"},
    "import_progress": {"pk": "import"},
    "import_keep": {"pk": "import"},
    "import_rows_left_out": {"pk": "import"},
    "import_errors": {"pk": "import"},
    "import_answers_asked": {"pk": "import"},
    "import_answers": {"pk": "import"},
    "topic_list": {},
    "topic_new": {},
    "topic_edit": {"pk": "topic"},
    "optin_share": {},
    "optin_topic": {"pk": "topic"},
    "optin_poster_pdf": {"pk": "topic"},
    "optin_poster_png": {"pk": "topic"},
    "optin_edit": {"pk": "topic"},
    "optin_close": {"pk": "topic"},
    "segment_list": {},
    "segment_new": {},
    "segment_count": {},
    "segment_edit": {"pk": "segment"},
    "session_list": {},
    "session_new": {},
    "session_terms": {},
    "session_detail": {"pk": "session"},
    "session_pair": {"pk": "pairing"},
    "session_pair_state": {"pk": "pairing"},
    "session_pair_cancel": {"pk": "pairing"},
    "session_kind": {"pk": "pairing"},
    "session_qr": {"pk": "pairing"},
    "session_phone_opened": {"pk": "session"},
    "session_move": {"pk": "session"},
    "session_move_back": {"pk": "session"},
    "session_move_end": {"pk": "session"},
    "session_unlink": {"pk": "session"},
    "session_look": {"pk": "session"},
    "session_limits": {"pk": "session"},
    "campaign_list": {},
    "campaign_new": {},
    "campaign_detail": {"pk": "campaign"},
    "campaign_edit": {"pk": "draft"},
    "campaign_preview": {"pk": "draft"},
    "campaign_count": {"pk": "draft"},
    "campaign_fallbacks": {"pk": "draft"},
    "campaign_forecast": {"pk": "draft"},
    "campaign_test": {"pk": "draft"},
    "campaign_number": {"pk": "draft"},
    "campaign_confirm": {"pk": "draft"},
    "campaign_launch": {"pk": "draft"},
    "campaign_pause": {"pk": "campaign"},
    "campaign_resume": {"pk": "campaign"},
    "campaign_cancel": {"pk": "campaign"},
    "campaign_duplicate": {"pk": "campaign"},
    "campaign_progress": {"pk": "campaign"},
    "campaign_sheet": {"pk": "campaign"},
    "campaign_export": {"pk": "campaign"},
    "delivery_list": {"pk": "campaign"},
    "delivery_detail": {"pk": "campaign", "delivery_pk": "delivery"},
    "delivery_decide": {"pk": "campaign", "delivery_pk": "delivery"},
    "template_list": {},
    "template_new": {},
    "template_edit": {"pk": "template"},
    "template_duplicate": {"pk": "template"},
    "template_delete": {"pk": "template"},
    "reply_list": {},
    "reply_handle": {"pk": "reply"},
    "hold_list": {},
    "hold_decide": {"pk": "hold"},
    "api_session-list": {},
    "api_session-detail": {"pk": "session"},
    "api_campaign-list": {},
    "api_campaign-detail": {"pk": "campaign"},
    "api_campaign-deliveries": {"pk": "campaign"},
    "api_campaign-report": {"pk": "campaign"},
    "api_template-list": {},
    "api_template-detail": {"pk": "template"},
    "api_reply-list": {},
    "api_reply-detail": {"pk": "reply"},
}


class Try(NamedTuple):
    """One foreign key, given to one address of one's own.

    `own` are the kinds of one's own rows in the address, `kind` is the foreign row, `data` what goes
    with it. A filter is asked for by "get", and then shows nothing foreign. `saves`: with one's own
    key it would change something.
    """

    route: str
    name: str
    kind: str
    data: dict[str, Any] = {}
    method: str = "post"
    saves: bool = True


SAVE = {"name": "Campanha A", "body": "Olá", "acao": "salvar"}
# The parts of the composer that answer while one writes.
LIVE = ("campaign_preview", "campaign_count", "campaign_fallbacks")
DECLARED = {"source": "paper", "wording": "Aceito receber", "declared": "on", "tag": ""}

# Choices among rows in forms: (form, field).
FIELDS: dict[tuple[str, str], Try] = {
    ("ComposeForm", "topic"): Try("campaign_edit", "topic", "topic", SAVE),
    ("ComposeForm", "segment"): Try("campaign_edit", "segment", "segment", SAVE),
    ("ComposeForm", "session"): Try("campaign_edit", "session", "session", SAVE),
    ("NewCampaignForm", "template"): Try("campaign_new", "template", "template", {"name": "Nova"}),
    ("ConsentForm", "topic"): Try(
        "contact_consent",
        "topic",
        "topic",
        {"state": "revoked", "source": "paper", "evidence": "x"},
    ),
    ("ContactFilterForm", "topic"): Try("contact_list", "topic", "topic", method="get"),
    ("ContactFilterForm", "segment"): Try("contact_list", "segment", "segment", method="get"),
    ("StartForm", "topic"): Try("import_start", "topic", "topic", DECLARED),
}

# Parameters of an address or a form that views read by themselves, and that are a row's key.
PARAMETERS: dict[tuple[str, str], list[Try]] = {
    ("campaigns.compose.views", "topic"): [
        Try(route, "topic", "topic", {"body": "Olá {{nome}}"}, saves=False) for route in LIVE
    ],
    ("campaigns.compose.views", "segment"): [
        Try(route, "segment", "segment", {"body": "Olá {{nome}}"}, saves=False) for route in LIVE
    ],
    ("campaigns.compose.views", "modelo"): [
        Try("campaign_edit", "modelo", "template", SAVE | {"acao": "modelo"})
    ],
    ("campaigns.compose.forecast_views", "topic"): [
        Try("campaign_forecast", "topic", "topic", saves=False)
    ],
    ("campaigns.compose.forecast_views", "segment"): [
        Try("campaign_forecast", "segment", "segment", {"topic": ""}, saves=False)
    ],
    ("campaigns.compose.forecast_views", "session"): [
        Try("campaign_forecast", "session", "session", {"topic": ""}, saves=False)
    ],
    ("campaigns.reports.list_views", "antes"): [
        Try("campaign_list", "antes", "campaign", method="get")
    ],
    ("campaigns.reports.list_views", "depois"): [
        Try("campaign_list", "depois", "campaign", method="get")
    ],
    ("campaigns.compose.draft_views", "modelo"): [
        Try("campaign_new", "modelo", "template", method="get")
    ],
    ("campaigns.reports.recipient_views", "antes"): [
        Try("campaign_detail", "antes", "contact", method="get")
    ],
    ("campaigns.reports.recipient_views", "depois"): [
        Try("campaign_detail", "depois", "contact", method="get")
    ],
    ("campaigns.replies.views", "campanha"): [
        Try("reply_list", "campanha", "campaign", method="get")
    ],
    ("campaigns.replies.views", "antes"): [Try("reply_list", "antes", "reply", method="get")],
    ("campaigns.replies.views", "depois"): [Try("reply_list", "depois", "reply", method="get")],
    ("campaigns.replies.views", "resposta"): [Try("reply_list", "resposta", "reply", method="get")],
    ("campaigns.compose.self_test_views", "aviso"): [
        Try("campaign_test", "aviso", "notice", method="get")
    ],
    ("contacts.people.views", "antes"): [Try("contact_list", "antes", "contact", method="get")],
    ("contacts.people.views", "depois"): [Try("contact_list", "depois", "contact", method="get")],
}

# Parameters that are no row's key, and what they are.
WORDS = {
    "agree": "the code of the words that stand beside the box",
    "q": "words to search for",
    "salvo": "yes or no",
    "aba": "the name of a tab",
    "situacao": "the name of a tab",
    "seen": "what the page shows now",
    "status": "a state's name",
    "reabrir": "yes or no",
    "desfazer": "yes or no",
    "decisao": "one of three words",
    "volta": "an address of this site, checked as one",
    "area_code": "an area code",
    "without": "yes or no",
    "columns": "yes or no",
    "choose": "one of three ways",
    "numero": "yes or no",
    "acao": "the name of a button",
    "body": "the text of a message",
    "ir": "a place among the people, counted from 1",
    "pessoa": "a place among the people, counted from 1",
    "piores": "yes or no",
    "rascunho": "yes or no",
    "versao": "which version of a draft",
    "salva": "a page's name for one of its savings",
    "depois_de": "a page's name for one of its savings",
    "phone": "a telephone number",
    "transport": "a kind of link",
    "assunto": "a topic, looked up in the business of a person's own link: tests/contacts/preferences",
}

# Filters of the API, by view set: all of them states' names.
FILTERS = {"CampaignViewSet": {"status"}, "ReplyViewSet": {"kind"}}

# Fields of the API that may be written with a row's key: none, so far.
WRITABLE: set[tuple[str, str]] = set()
