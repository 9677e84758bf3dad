"""WhatsApp sessions, and their links: the devices linked to the account."""

from datetime import datetime
from pathlib import Path

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from blu.accounts.models import Business
from blu.db.encrypted_fields import EncryptedTextField
from blu.db.row_limits import Limited
from blu.db.state_machine import only_births, only_grows, only_moves
from blu.web import names
from sessions import reasons, registry
from sessions.states import MOVES, VISITED_IN_TIME, State


def _restricts_the_account() -> pgtrigger.Trigger:
    """A restriction or a ban is the account's, so it stands on the session, whatever becomes of the link.

    It goes, with what support wrote of it, when a link comes online and no other link of the session still tells of it;
    a link that was only paired has not been online yet. Where a link that isn't active meets a ban at its pairing, nobody
    knows whose it is, and nothing is written.
    """
    states = f"'{State.RESTRICTED}', '{State.BANNED}'"
    return pgtrigger.Trigger(
        name="restricts_the_account",
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf("state", "state_until"),
        func=f"""
            IF NEW.state IN ({states}) AND (NEW.state, NEW.state_until) IS DISTINCT FROM (OLD.state, OLD.state_until) THEN
                UPDATE public.wa_sessions_whatsappsession SET restriction = NEW.state,
                       restricted_until = CASE WHEN NEW.state_params ? '{reasons.UNTIL}' THEN NEW.state_until END
                 WHERE id = NEW.session_id AND (OLD.state <> '{State.PAIRING}' OR active_link_id = NEW.id);
            ELSIF NEW.state = '{State.ONLINE}' AND OLD.state NOT IN ('{State.PAIRING}', '{State.ONLINE}') THEN
                UPDATE public.wa_sessions_whatsappsession
                   SET restriction = '', restricted_until = NULL, released_because = ''
                 WHERE id = NEW.session_id AND restriction <> '' AND NOT EXISTS (
                   SELECT 1 FROM public.wa_sessions_link other WHERE other.session_id = NEW.session_id
                      AND other.id <> NEW.id AND other.state IN ({states}));
            END IF;
            RETURN NULL;
        """,
    )


class SessionManager(models.Manager["WhatsAppSession"]):
    """Sessions with their active link: what is asked of a session is nearly always asked of that."""

    def get_queryset(self) -> models.QuerySet["WhatsAppSession"]:
        """Each with its active link, in the same query."""
        return super().get_queryset().select_related("active_link")


class WhatsAppSession(Limited):
    """A business's WhatsApp account in our care: its name, number, pacing, limits and chats.

    How it is connected is its active link's; `state` and its like are asked there.
    """

    MOST = 20
    FULL = _("Um negócio tem até %(most)s conexões de WhatsApp. Use uma das que já existem.")

    class Pacing(models.TextChoices):
        REAL = "real", _("limites reais")
        TRIAL = "trial", _("sem limites (só simulador)")

    class Restriction(models.TextChoices):
        RESTRICTED = State.RESTRICTED.value, State.RESTRICTED.label
        BANNED = State.BANNED.value, State.BANNED.label

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("negócio"))
    name = names.NameField(_("nome"), max_length=60)
    pacing = models.CharField(_("ritmo"), max_length=8, choices=Pacing, default=Pacing.REAL)
    # Of the account whose chats, new chats of the day and restriction these are: it stays when that is unlinked.
    phone = models.CharField(_("telefone"), max_length=20, blank=True)
    # At most one link sends; a second may stand beside it while the account moves over. Empty only within
    # the transaction that makes the session.
    active_link = models.OneToOneField(
        "Link", models.RESTRICT, null=True, editable=False, related_name="+",
        verbose_name=_("aparelho ativo"),
    )  # fmt: skip
    # The last number drawn for a lease of any of its links: every later one is greater.
    fence = models.BigIntegerField(
        default=0, editable=False, verbose_name=_("nº do direito de uso")
    )
    terms_accepted_at = models.DateTimeField(_("termos aceitos em"), null=True, blank=True)
    terms_accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("termos aceitos por"),
    )
    last_sent_at = models.DateTimeField(_("último envio"), null=True, blank=True)
    # When a message was taken in hand and did not go out, as to a number that WhatsApp doesn't know.
    last_tried_at = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name=_("última tentativa sem envio")
    )
    # Before when nothing can be claimed.
    idle_until = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name=_("parada até")
    )
    # How many new chats WhatsApp itself still allows the account until then, whichever link was told; null
    # where it doesn't say.
    new_chats_left = models.PositiveIntegerField(
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("novas conversas que o WhatsApp deixa"),
    )
    new_chats_until = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name=_("até quando o WhatsApp limita")
    )
    new_chats_told_at = models.DateTimeField(
        null=True, editable=False, verbose_name=_("limite do WhatsApp dito em")
    )
    # Where none is left: the code of why, and whether the end is WhatsApp's word or only when it is tried again.
    new_chats_reason = models.CharField(
        max_length=reasons.MOST,
        blank=True,
        editable=False,
        verbose_name=_("por que o WhatsApp limita"),
    )
    new_chats_end_told = models.BooleanField(
        default=False, editable=False, verbose_name=_("o WhatsApp disse até quando")
    )
    # What WhatsApp did to the account, until it lets it in again: written by the trigger of its links' states.
    restriction = models.CharField(
        _("restrição do WhatsApp"), max_length=16, choices=Restriction, blank=True, default="", db_default="",
        editable=False,
    )  # fmt: skip
    # Where WhatsApp told it; null where nobody knows.
    restricted_until = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name=_("restrita até")
    )
    # Written by support alone, of an account that is banned for good, or restricted and linked no more: campaigns.models.restricted_people.
    released_because = models.CharField(
        _("pessoas liberadas porque"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "Só de uma conta banida de vez, ou restrita e desconectada: as outras contas do negócio voltam a escrever "
            "para as pessoas dela."
        ),
    )
    created_at = models.DateTimeField(
        default=timezone.now, editable=False, verbose_name=_("criada em")
    )
    objects = SessionManager()
    history = HistoricalRecords(
        excluded_fields=[
            "fence", "last_sent_at", "last_tried_at", "idle_until",
            "new_chats_left", "new_chats_until", "new_chats_told_at", "new_chats_reason", "new_chats_end_told",
        ],
    )  # fmt: skip

    class Meta:
        verbose_name = _("conexão de WhatsApp")
        verbose_name_plural = _("conexões de WhatsApp")
        constraints = [
            names.in_one_line("session_name_in_one_line"),
            models.UniqueConstraint(fields=["business", "name"], name="session_name_once"),
            models.UniqueConstraint(fields=["id", "business"], name="session_business_key"),
        ]
        triggers = [only_grows("fence")]

    def __str__(self) -> str:
        return self.name

    @property
    def link(self) -> "Link":
        """The active link."""
        assert self.active_link is not None
        return self.active_link

    @property
    def transport(self) -> str:
        """By what the active link speaks to WhatsApp."""
        return self.link.transport

    @property
    def linked_by_key(self) -> bool:
        """Its account is linked by a key, and by no phone."""
        return bool(registry.backend_of(self.link).key_form)

    @property
    def pacing_profile(self) -> registry.PacingProfile:
        """By what it is paced: the one place that knows. In `real` pacing the active link's kind says it."""
        if settings.SIMULATOR_URL and self.pacing == self.Pacing.TRIAL:
            return registry.PacingProfile.UNLIMITED
        return registry.backend_of(self.link).default_pacing

    @property
    def state(self) -> str:
        """The active link's state."""
        return self.link.state

    @property
    def state_reason(self) -> str:
        """The code of why the active link is in its state."""
        return self.link.state_reason

    @property
    def state_until(self) -> datetime | None:
        """When a state that ends by itself does."""
        return self.link.state_until

    @property
    def state_end_is_told(self) -> bool:
        """Whether WhatsApp itself said `state_until`: else it is only when blü looks again."""
        return reasons.UNTIL in self.link.state_params

    @property
    def linked_at(self) -> datetime | None:
        """Since when the account is linked; None where it isn't."""
        return self.link.linked_at

    @property
    def proven_at(self) -> datetime | None:
        """When WhatsApp last answered on the active link."""
        return self.link.proven_at

    @property
    def visited_at(self) -> datetime | None:
        """When the active link's last visit ended well."""
        return self.link.visited_at

    def get_state_display(self) -> str:
        """The active link's state as a word."""
        return self.link.get_state_display()

    @property
    def explanation(self) -> str:
        """Why it is in its state, in the language of who reads."""
        return self.link.explanation

    @property
    def may_pair(self) -> bool:
        """A new code is the way on: it would not displace a link that works."""
        return State(self.state).may_pair


class Link(models.Model):
    """One linked device of a session: its transport, credentials, state and node."""

    session = models.ForeignKey(
        WhatsAppSession, models.CASCADE, related_name="links", verbose_name=_("conexão")
    )
    transport = models.CharField(
        _("transporte"), max_length=12, choices=registry.choices, default=registry.DEFAULT
    )
    state = models.CharField(_("estado"), max_length=16, choices=State, default=State.UNLINKED)
    state_reason = models.CharField(_("motivo"), max_length=reasons.MOST, blank=True)
    state_params = models.JSONField(_("dados do motivo"), default=dict, blank=True)
    state_until = models.DateTimeField(_("até"), null=True, blank=True)
    # Of the account that was linked: a link of another account never becomes the active one.
    phone = models.CharField(_("telefone"), max_length=20, blank=True)
    home = models.SlugField(_("pasta"), max_length=40, unique=True, editable=False)
    # Of a kind that is linked by a key: what its form was filled in with, until it is refused or unlinked.
    credentials = EncryptedTextField(
        blank=True, default="", editable=False, verbose_name=_("chave")
    )
    node = models.CharField(
        _("máquina"), max_length=40, blank=True, help_text=_("onde está a pasta")
    )
    # The fence under which the home was last opened: an older copy is destroyed, never opened.
    home_fence = models.BigIntegerField(
        default=0, editable=False, verbose_name=_("nº do direito de uso da pasta")
    )
    linked_at = models.DateTimeField(_("conectado em"), null=True, blank=True)
    proven_at = models.DateTimeField(_("última resposta do WhatsApp"), null=True, blank=True)
    visited_at = models.DateTimeField(_("última visita"), null=True, blank=True)
    # Before when no visit is tried again, unless the last one ended well.
    retry_at = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name=_("tentar de novo em")
    )
    # Whether a chat that hearing opened is unread again on the phone; null while nobody knows.
    keeps_badges = models.BooleanField(
        null=True, editable=False, verbose_name=_("devolve o “não lida” no celular")
    )
    # Unlinked here, and perhaps still one of the phone's linked devices: a host takes it off that list.
    is_leaving = models.BooleanField(
        default=False, editable=False, verbose_name=_("a sair dos aparelhos conectados")
    )

    class Meta:
        verbose_name = _("aparelho conectado")
        verbose_name_plural = _("aparelhos conectados")
        constraints = [
            # What a session's active link refers to, so that it is one of its own (migration).
            models.UniqueConstraint(fields=["id", "session"], name="link_session_key"),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="link_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state_until=None) | models.Q(state__in=VISITED_IN_TIME),
                name="link_until_ends_a_state",
            ),
        ]
        indexes = [
            # What hosts ask for every few seconds.
            models.Index(
                fields=["id"], condition=models.Q(is_leaving=True), name="link_is_leaving"
            ),
        ]
        triggers = [
            only_births("state", MOVES),
            only_moves("state", MOVES),
            _restricts_the_account(),
        ]

    def __str__(self) -> str:
        return f"{self.session} ({self.get_transport_display()})"

    @property
    def home_folder(self) -> Path:
        """Where its home is, or would be, on this node."""
        return Path(settings.VAR, "homes", self.home)

    @property
    def explanation(self) -> str:
        """Why it is in its state, in the language of who reads."""
        return reasons.in_words(self.state_reason, self.state_params)
