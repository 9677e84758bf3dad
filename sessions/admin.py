"""WhatsApp sessions, their links and chats, and all that happened to them."""

from datetime import datetime
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import (
    Did,
    HistoryAdmin,
    LongList,
    ReadOnlyAdmin,
    ReadOnlyInline,
)
from blu.accounts.models import User
from blu.accounts.refused import Refused
from sessions import health
from sessions.driving import link_updates, runners
from sessions.driving.admin import NAME_OR_PHONE, LeasesOfSession
from sessions.evidence.admin import EvidenceOfLink
from sessions.linking import kinds, moves, page
from sessions.linking.refusals import LinkRefusal
from sessions.models import (
    BrowserLook,
    Chat,
    Link,
    LinkMove,
    SessionEvent,
    WhatsAppSession,
)


class EventsOfSession(ReadOnlyInline):
    """The history, newest first."""

    model = SessionEvent
    fields = ("at", "state", "explanation", "fence", "node")
    ordering = ("-id",)
    per_page = 20
    readonly_fields = ("explanation",)

    @admin.display(description=_("detalhe"))
    def explanation(self, row: SessionEvent) -> str:
        """In the language of who reads."""
        return row.explanation


class MovesOfSession(ReadOnlyInline):
    """From which link to which, newest first."""

    model = LinkMove
    fk_name = "session"
    fields = ("old", "new", "requested_by", "requested_at", "switched_at", "kept_until", "ended_at")
    ordering = ("-id",)
    per_page = 20


class LinksOfSession(ReadOnlyInline):
    """Its linked devices."""

    model = Link
    fields = ("transport", "word", "state_until", "node", "linked_at", "proven_at", "visited_at")
    readonly_fields = ("word",)

    @admin.display(description=_("estado"))
    def word(self, row: Link) -> str:
        """Connected only where that is proven."""
        return health.in_words(row)


@admin.register(WhatsAppSession)
class WhatsAppSessionAdmin(HistoryAdmin):
    """State of every session; by hand its name may be changed, and why the people of a banned one are let go."""

    list_display = (
        "name",
        "business",
        "phone",
        "state",
        "state_until",
        "proven_at",
        "node",
        "pacing",
    )
    list_filter = (
        "active_link__state",
        "active_link__transport",
        "pacing",
        "active_link__node",
        ("business", AutocompleteSelectFilter),
    )
    list_select_related = ("business", "active_link")
    search_fields = ("name", "phone", "business__name")
    search_help_text = NAME_OR_PHONE
    ordering = ("-id",)
    inlines = (LinksOfSession, MovesOfSession, LeasesOfSession, EventsOfSession)
    editable = ("name", "released_because")
    actions = ("look_again", "invite_to_move")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **more: Any
    ) -> Any:
        """People are let go of an account that is banned, or restricted and linked no more, and of no other."""
        form = super().get_form(request, obj, change=change, **more)
        barred = obj is not None and bool(obj.restriction)
        is_over = barred and (
            obj.restriction == WhatsAppSession.Restriction.BANNED or obj.linked_at is None
        )
        if "released_because" in form.base_fields and not is_over:
            form.base_fields["released_because"].disabled = True
        return form

    @admin.display(description=_("estado"), ordering="active_link__state")
    def state(self, session: WhatsAppSession) -> str:
        """The active link's."""
        return health.in_words(session)

    @admin.display(description=_("até"), ordering="active_link__state_until")
    def state_until(self, session: WhatsAppSession) -> datetime | None:
        """When that ends by itself."""
        return session.state_until

    @admin.display(description=_("última resposta do WhatsApp"), ordering="active_link__proven_at")
    def proven_at(self, session: WhatsAppSession) -> datetime | None:
        """On the active link."""
        return session.proven_at

    @admin.display(description=_("máquina"), ordering="active_link__node")
    def node(self, session: WhatsAppSession) -> str:
        """Where the active link's home is."""
        return session.link.node

    @admin.action(
        permissions=["change"],
        description=_("Olhar agora (paradas por segurança, ou restritas sem data)"),
    )
    def look_again(self, request: HttpRequest, queryset: QuerySet[WhatsAppSession]) -> None:
        """For support, once the selectors know what the page shows."""
        looked = [session for session in queryset if link_updates.look_again(session.pk)]
        for session in looked:
            self.log_change(request, session, Did.LOOKED_AGAIN)
        if looked:
            names = ", ".join(session.name for session in looked)
            self.message_user(request, _("O blü vai olhar agora: %(names)s.") % {"names": names})
        else:
            said = _("Nenhuma delas está parada por segurança, nem restrita sem data.")
            self.message_user(request, said, messages.WARNING)

    def has_move_permission(self, request: HttpRequest) -> bool:
        """Whoever may begin a move; a session's own fields are another matter."""
        return bool(request.user.has_perm("wa_sessions.add_linkmove"))

    @admin.action(
        permissions=["move"],
        description=_("Convidar a mudar para a conexão direta (quem cuida da conta lê um código)"),
    )
    def invite_to_move(self, request: HttpRequest, queryset: QuerySet[WhatsAppSession]) -> None:
        """Their owners are asked on their first page; each scans one code when it suits them."""
        if not runners.host_lives():  # the best kind would be another
            self.message_user(request, LinkRefusal.NOT_OFFERED.label, messages.WARNING)
            return
        invited, best = [], kinds.default()
        for session in queryset:
            if session.transport == best or session.linked_by_key:
                continue
            try:
                moves.begin(session=session, transport=best, actor=cast(User, request.user))
            except Refused as refusal:
                self.message_user(request, f"{session.name}: {refusal}", messages.WARNING)
                continue
            self.log_change(request, session, Did.INVITED_TO_MOVE)
            invited.append(session.name)
        if invited:
            said = _("Convidadas a mudar: %(names)s.") % {"names": ", ".join(invited)}
            self.message_user(request, said)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """All but the name: links, states and limits change by what happens, and are written down."""
        fields = [field.name for field in self.model._meta.fields if field.editable]
        shown = [name for name in fields if name not in self.editable]
        return [*shown, "restriction", "restricted_until", "explanation", "passkeys", "evidence"]

    @admin.display(description=_("telas não entendidas"))
    def evidence(self, row: WhatsAppSession) -> SafeString:
        """Of all its links."""
        address = reverse("admin:wa_sessions_pageevidence_changelist")
        found = f"{address}?link__session__id__exact={row.pk}"
        return format_html(
            '<a class="text-primary-600 underline" href="{}">{}</a>', found, _("ver telas")
        )

    @admin.display(description=_("vezes que o WhatsApp pediu a chave de acesso"))
    def passkeys(self, row: WhatsAppSession) -> int:
        """Attempts to link that came to nothing because of that."""
        return page.passkeys_asked(row)

    @admin.display(description=_("motivo"))
    def explanation(self, row: WhatsAppSession) -> str:
        """In the language of who reads; of its first version, which had no link yet, there is none."""
        return row.explanation if row.active_link else ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An owner links an account, after reading the terms."""
        return False


@admin.register(Link)
class LinkAdmin(ReadOnlyAdmin):
    """The linked devices, active or not."""

    list_display = ("session", "transport", "word", "state_until", "node", "proven_at")
    list_filter = ("state", "transport", "node")
    list_select_related = ("session__business",)
    search_fields = ("session__name", "session__phone", "session__business__name")
    search_help_text = NAME_OR_PHONE
    ordering = ("-id",)
    exclude = ("state", "state_reason", "state_params")
    readonly_fields = ("word", "explanation")
    inlines = (EvidenceOfLink,)

    @admin.display(description=_("estado"), ordering="state")
    def word(self, row: Link) -> str:
        """Connected only where that is proven."""
        return health.in_words(row)

    @admin.display(description=_("motivo"))
    def explanation(self, row: Link) -> str:
        """In the language of who reads."""
        return row.explanation


@admin.register(SessionEvent)
class SessionEventAdmin(LongList, ReadOnlyAdmin):
    """Every change of a session's state."""

    quick = ("session__id__exact",)
    list_display = ("at", "session_link", "state", "explanation", "fence", "node")
    list_filter = (("session", AutocompleteSelectFilter), "state")
    list_select_related = ("session",)

    @admin.display(description=_("detalhe"))
    def explanation(self, row: SessionEvent) -> str:
        """In the language of who reads."""
        return row.explanation

    @admin.display(description=_("conexão"))
    def session_link(self, event: SessionEvent) -> SafeString:
        """The other events of the same session."""
        return format_html(
            '<a href="?session__id__exact={}">{}</a>', event.session_id, event.session.name
        )


@admin.register(Chat)
class ChatAdmin(LongList, ReadOnlyAdmin):
    """What a session knows of a person."""

    quick = ("session__id__exact",)
    list_display = (
        "person",
        "session",
        "phone",
        "wa_id",
        "lid",
        "username",
        "looked_up_at",
        "opened_at",
        "warm_at",
    )
    list_filter = (("session", AutocompleteSelectFilter),)
    list_select_related = ("session",)
    search_fields = ("=phone",)
    search_help_text = _("Telefone inteiro, com +55 e DDD, @nome ou LID")
    ordering = ("-id",)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """By a whole key: the unique indexes begin with the session, so every session is asked."""
        key = search_term.strip()
        if not key:
            return queryset, False
        sessions = list(WhatsAppSession.objects.values_list("pk", flat=True))
        whose = Q(phone=key) | Q(lid=key) | Q(username=key.removeprefix("@").lower())
        return queryset.filter(whose, session_id__in=sessions), False


@admin.register(LinkMove)
class LinkMoveAdmin(ReadOnlyAdmin):
    """Accounts on their way from one link to another, and those that went."""

    list_display = (
        "session",
        "old",
        "new",
        "requested_at",
        "switched_at",
        "kept_until",
        "ended_at",
    )
    list_select_related = ("session__business", "old", "new")
    search_fields = ("session__name", "session__business__name")
    search_help_text = _("Conexão ou negócio")
    ordering = ("-id",)


@admin.register(BrowserLook)
class BrowserLookAdmin(ReadOnlyAdmin):
    """Which chats a browser has heard, without a word of them."""

    list_display = ("title_hash", "link", "seen_at")
    list_filter = (("link", AutocompleteSelectFilter),)
    list_select_related = ("link__session",)
    ordering = ("-id",)
