"""What people write back."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from campaigns.models.ledger import Delivery
from contacts.models import Contact, Retention
from sessions.models import WhatsAppSession

# Who edits one message again and again fills no more of a row, nor of a page: the first text is what we
# answered or obeyed, the newest are what somebody may still be looking at.
EARLIER_MOST = 10
# Of them, on pages.
EDITS_SHOWN, EDIT_LETTERS = 3, 300
FORGOTTEN_AFTER = timedelta(days=Retention.Words.MONTHS_3)


class Reply(models.Model):
    """An incoming message from a person; unique by (session, WhatsApp's id)."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("mensagem")
        STOP = "stop", _("pediu para sair")
        RETURN = "return", _("pediu para voltar")
        HOLD = "hold", _("a decidir")

    business = models.ForeignKey(
        Business, models.CASCADE, verbose_name=_("negócio"), db_index=False
    )
    session = models.ForeignKey(
        WhatsAppSession, models.CASCADE, verbose_name=_("conexão"), db_index=False
    )
    message_id = models.CharField(max_length=80, verbose_name=_("id no WhatsApp"))
    phone = models.CharField(
        _("telefone"), max_length=20, blank=True, help_text=_("vazio: uma pessoa sem número")
    )
    # By what else the writer is known, where that is no number: @name, lid:… or message:… alone.
    called = models.CharField(
        _("sem número, conhecida por"), max_length=100, blank=True, default="", db_default=""
    )
    # The key under which a person's replies stand together.
    person = models.GeneratedField(
        expression=Case(When(~Q(phone=""), then="phone"), default="called"),
        output_field=models.CharField(max_length=100),
        db_persist=True,
        verbose_name=_("pessoa"),
    )
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("contato"),
    )
    delivery = models.ForeignKey(
        Delivery,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("em resposta a"),
    )
    kind = models.CharField(_("tipo"), max_length=8, choices=Kind, default=Kind.MESSAGE)
    # Why it was read so: a code of campaigns.replies.reasons, put into words where it is shown.
    reason = models.CharField(_("por quê"), max_length=20, blank=True, default="", db_default="")
    text = models.TextField(_("texto"))
    at = models.DateTimeField(_("quando"))
    # What it said before it was edited, the oldest first: [{"text": …, "at": ISO time, "kind": …}, …].
    earlier = models.JSONField(
        _("o que dizia antes"), default=list, blank=True, db_default=Value([], models.JSONField())
    )
    edited_at = models.DateTimeField(_("editada em"), null=True, blank=True)
    handled_at = models.DateTimeField(_("resolvida em"), null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("resolvida por"),
    )

    class Meta:
        verbose_name = _("resposta")
        verbose_name_plural = _("respostas")
        constraints = [
            models.UniqueConstraint(fields=["session", "message_id"], name="reply_once"),
        ]
        indexes = [
            # The replies page, newest first.
            models.Index(fields=["business", "-id"], name="reply_list"),
            # The newest reply of each person (campaigns.replies.pages.of_each_person), and their conversation.
            models.Index(fields=["business", "person", "-id"], name="reply_by_person"),
            # campaigns.replies.strangers.sweep: words of whom nobody knows, after some days.
            models.Index(
                fields=["at"],
                name="reply_unknown",
                condition=models.Q(phone="", contact=None) & ~models.Q(text=""),
            ),
            # The badge in the menu: what nobody has handled yet. Doubtful answers are counted as holds.
            models.Index(
                fields=["business", "-id"],
                name="reply_open",
                condition=models.Q(handled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phone or self.username} {timezone.localtime(self.at):%d/%m %H:%M}"

    @property
    def username(self) -> str:
        """The writer's @name where they are known by that and not by a number; else ""."""
        return self.called if self.called.startswith("@") else ""

    @property
    def name(self) -> str:
        """What the writer is called on a page."""
        if self.contact and self.contact.name:
            return self.contact.name
        return self.username or (
            gettext("Sem nome") if self.phone else gettext("Pessoa sem número")
        )

    @property
    def is_wordless(self) -> bool:
        """Whether only what it asked for was kept, of somebody who was a stranger (campaigns.replies.strangers)."""
        return self.kind != self.Kind.MESSAGE and not self.text and not self.earlier

    @property
    def is_forgotten(self) -> bool:
        """Whether it is so old, and empty, that its words were forgotten (contacts.retention)."""
        return not self.text and not self.earlier and timezone.now() - self.at > FORGOTTEN_AFTER

    @property
    def shown(self) -> str:
        """Its text as pages show it, in words of ours where none of theirs were kept."""
        if self.is_forgotten:
            return gettext("O texto passou do prazo de guarda.")
        if not self.is_wordless:
            return self.text
        if self.kind == self.Kind.STOP:
            return gettext("Pediu para sair. Só o pedido foi guardado.")
        return gettext("Pediu para voltar. Só o pedido foi guardado.")

    @property
    def is_opt_in(self) -> bool:
        """Whether it agrees to receive something, by the code of a public page (campaigns.replies.opt_ins)."""
        return self.kind == self.Kind.RETURN and self.reason == "opt_in"

    @property
    def is_edited(self) -> bool:
        """Whether it once said something else."""
        return not self.is_wordless and (self.edited_at is not None or bool(self.earlier))

    @property
    def edits_shown(self) -> list[str]:
        """What it said before as pages show it: how the newest of those began."""
        newest = self.edited_from[-EDITS_SHOWN:]
        return [Truncator(text).chars(EDIT_LETTERS) for text in newest]

    @property
    def edited_from(self) -> list[str]:
        """What it said before, the oldest first."""
        return [one["text"] for one in self.earlier]

    def keep_earlier(self, text: str, at: datetime, kind: str) -> None:
        """Keep, without saving, a text that the message no longer has, and as what it was read; EARLIER_MOST of
        them in all, and the newest that asks to stop or to come back, which a consent may rest on.
        """
        one = {"text": text, "at": at.astimezone(UTC).isoformat(), "kind": str(kind)}
        said = [*self.earlier, *([] if one in self.earlier else [one])]
        self.earlier = _worth_keeping(sorted(said, key=lambda one: one["at"]))

    def words_that(self, kind: str) -> str:
        """The newest of its earlier texts that was read as `kind`, the text of now where none was."""
        earlier = (one["text"] for one in reversed(self.earlier) if one.get("kind") == kind)
        return next(earlier, self.text)


def _worth_keeping(said: list[dict[str, str]]) -> list[dict[str, str]]:
    """Of texts in their order the first, the newest, and the newest that asks for something."""
    if len(said) <= EARLIER_MOST:
        return said
    kept = [said[0], *said[1 - EARLIER_MOST :]]
    for kind in (Reply.Kind.STOP, Reply.Kind.RETURN):
        kept += [one for one in said if one.get("kind") == kind][-1:]
    return [one for one in said if one in kept]
