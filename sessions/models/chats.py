"""The chats of a session, and what a browser last saw of them."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Chat(models.Model):
    """What a session knows of a person: under which keys, and whether the chat is warm.

    One row a person, found by any key that is known; written by sessions.chats only.
    """

    session = models.ForeignKey(
        "WhatsAppSession",
        models.CASCADE,
        related_name="chats",
        db_index=False,
        verbose_name=_("conexão"),
    )
    phone = models.CharField(
        _("telefone"), max_length=20, blank=True, default="", db_default="",
        help_text=_("vazio: uma pessoa sem número"),
    )  # fmt: skip
    wa_id = models.CharField(
        _("identidade no WhatsApp"), max_length=40, blank=True, default="", db_default=""
    )
    lid = models.CharField(_("LID"), max_length=40, blank=True, default="", db_default="")
    username = models.CharField(
        _("nome de usuário"), max_length=64, blank=True, default="", db_default=""
    )
    looked_up_at = models.DateTimeField(null=True, blank=True, verbose_name=_("procurado em"))
    # Our first message to a number that had not written to us: what WhatsApp meters as a new chat.
    opened_at = models.DateTimeField(_("conversa aberta por nós em"), null=True, blank=True)
    warm_at = models.DateTimeField(_("a pessoa escreveu em"), null=True, blank=True)

    class Meta:
        verbose_name = _("conversa")
        verbose_name_plural = _("conversas")
        constraints = [
            # By each key that is known one person; the claim finds WhatsApp's ids by the first.
            *(
                models.UniqueConstraint(
                    fields=["session", key],
                    name=f"chat_once_by_{key}",
                    condition=~models.Q(**{key: ""}),
                )
                for key in ("phone", "wa_id", "lid", "username")
            ),
            models.CheckConstraint(
                name="chat_has_a_key",
                condition=~models.Q(phone="", lid="", username="")
                & (models.Q(wa_id="") | ~models.Q(phone="")),
            ),
        ]
        indexes = [
            # A session's chats, for support, and when it is deleted.
            models.Index(fields=["session", "-id"], name="chat_list"),
            # The day's new chats, for the quota.
            models.Index(
                fields=["session", "opened_at"],
                name="chat_opened",
                condition=models.Q(opened_at__isnull=False),
            ),
            # campaigns.limits.forecast: whom of an audience the session already talks with.
            models.Index(
                fields=["session", "phone"],
                name="chat_warm",
                condition=models.Q(warm_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.person

    @property
    def person(self) -> str:
        """The key by which a person's replies stand together: the number, else @name, else lid:…"""
        return self.phone or (f"@{self.username}" if self.username else f"lid:{self.lid}")


class BrowserLook(models.Model):
    """What a browser last saw of the chats of one title: `sessions.transports.browser.chat_looks`."""

    link = models.ForeignKey(
        "Link", models.CASCADE, db_index=False, verbose_name=_("aparelho conectado")
    )
    title_hash = models.CharField(
        _("resumo do nome"), max_length=32, blank=True, help_text=_("vazio: a lista inteira")
    )
    looks = models.JSONField(_("o que se viu"))
    seen_at = models.DateTimeField(_("vista em"), db_default=Now())

    class Meta:
        verbose_name = _("conversa já ouvida")
        verbose_name_plural = _("conversas já ouvidas")
        constraints = [
            models.UniqueConstraint(fields=["link", "title_hash"], name="browser_look_once"),
        ]
        indexes = [
            # kept_looks.sweep: what no list showed for a month.
            models.Index(fields=["seen_at"], name="browser_look_seen"),
        ]

    def __str__(self) -> str:
        return f"{self.link_id}: {self.title_hash[:8]}"
