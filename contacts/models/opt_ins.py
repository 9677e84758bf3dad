"""What a topic's public page and posters say, and who asked there to receive it."""

import secrets
from datetime import datetime, timedelta

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from blu.db.encrypted_fields import EncryptedTextField
from blu.web import names
from contacts.models.topics import ConsentWording, Topic

# Capitals and digits that nobody takes for one another when they are read from a wall.
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH, PAGE_CODE_LENGTH = 6, 4  # of one person's request; of a page and its posters
VALID = timedelta(days=1)  # for the person's own message
TYPED_VALID = timedelta(minutes=10)  # for a code that we sent: campaigns.models.notice_rules
TRIES = 5


def new_code() -> str:
    """A code for one person's request."""
    return _letters(CODE_LENGTH)


def new_page_code() -> str:
    """A code for a page."""
    return _letters(PAGE_CODE_LENGTH)


def new_token() -> str:
    """What stands in the address of one person's request."""
    return secrets.token_urlsafe(16)


def _letters(length: int) -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _letter in range(length))


class OptInText(models.Model):
    """What the opt-in page of a topic says; the newest is shown. The code stands in the message of its posters.

    The words never change: other words are another row, with another code, so that a code says for good under
    which words somebody agreed.
    """

    business = models.ForeignKey(
        Business, models.CASCADE, db_index=False, verbose_name=_("negócio")
    )
    topic = models.ForeignKey(
        Topic, models.CASCADE, related_name="opt_in_texts", verbose_name=_("assunto")
    )
    wording = models.ForeignKey(
        ConsentWording, models.PROTECT, db_index=False, verbose_name=_("texto mostrado")
    )
    code = models.CharField(
        _("código"), max_length=PAGE_CODE_LENGTH, default=new_page_code, editable=False
    )
    created_at = models.DateTimeField(_("desde"), db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("escrito por"),
    )
    closed_at = models.DateTimeField(_("fechada em"), null=True, blank=True)

    class Meta:
        verbose_name = _("página de aceite")
        verbose_name_plural = _("páginas de aceite")
        triggers = [
            pgtrigger.Trigger(
                name="words_stay",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((OLD.business_id, OLD.topic_id, OLD.wording_id, OLD.code, OLD.created_at)"
                    " IS DISTINCT FROM"
                    " (NEW.business_id, NEW.topic_id, NEW.wording_id, NEW.code, NEW.created_at))"
                ),
                func="RAISE EXCEPTION 'the words of a page stay' USING ERRCODE = 'check_violation';",
            )
        ]
        constraints = [
            # Also how the code of a message is found: contacts.optin.confirming.
            models.UniqueConstraint(fields=["business", "code"], name="opt_in_text_code"),
            models.UniqueConstraint(fields=["id", "business"], name="opt_in_text_business_key"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} · {self.code}"


class OptIn(models.Model):
    """Somebody's request on a public page; a consent only once the number has confirmed it.

    The number that was typed is nobody's until then.
    """

    business = models.ForeignKey(
        Business, models.CASCADE, db_index=False, verbose_name=_("negócio")
    )
    text = models.ForeignKey(
        OptInText,
        models.CASCADE,
        related_name="requests",
        verbose_name=_("página"),
    )
    token = models.CharField(_("no endereço"), max_length=30, unique=True, editable=False)
    code = models.CharField(_("código"), max_length=CODE_LENGTH, editable=False)
    name = names.NameField(_("nome"), max_length=80)
    phone = models.CharField(_("telefone"), max_length=20)
    # Whence it was asked, so that it can be counted, but not read: contacts.optin.asking.
    origin = models.CharField(_("de onde"), max_length=32, editable=False)
    asked_at = models.DateTimeField(_("pedido em"), db_default=Now())
    # The person's message came from another number, or from somebody whose number WhatsApp hides.
    from_other_at = models.DateTimeField(_("veio de outro número em"), null=True, blank=True)
    hidden_at = models.DateTimeField(_("veio sem número em"), null=True, blank=True)
    typed_code = EncryptedTextField(
        editable=False, blank=True, default="", verbose_name=_("código enviado")
    )
    code_asked_at = models.DateTimeField(_("código pedido em"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tentativas"), default=0, db_default=0)
    confirmed_at = models.DateTimeField(_("confirmado em"), null=True, blank=True)

    class Meta:
        verbose_name = _("pedido para receber")
        verbose_name_plural = _("pedidos para receber")
        triggers = [
            pgtrigger.Trigger(
                name="request_begins",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NEW.confirmed_at IS NOT NULL OR NEW.code_asked_at IS NOT NULL OR NEW.tries <> 0 THEN
                        RAISE EXCEPTION 'a request begins as one' USING ERRCODE = 'check_violation';
                    END IF;
                    NEW.asked_at := statement_timestamp();
                    RETURN NEW;
                """,
            ),
            # What was asked for, by whom, stays; a code is sent once; a confirmation is one for good.
            pgtrigger.Trigger(
                name="request_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((OLD.business_id, OLD.text_id, OLD.token, OLD.code, OLD.name, OLD.phone, OLD.asked_at)"
                    " IS DISTINCT FROM"
                    " (NEW.business_id, NEW.text_id, NEW.token, NEW.code, NEW.name, NEW.phone, NEW.asked_at)"
                    " OR NEW.tries < OLD.tries"
                    " OR OLD.code_asked_at IS NOT NULL AND (OLD.code_asked_at, OLD.typed_code)"
                    " IS DISTINCT FROM (NEW.code_asked_at, NEW.typed_code)"
                    " OR OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at)"
                ),
                func="RAISE EXCEPTION 'a request stays as it is' USING ERRCODE = 'check_violation';",
            ),
        ]
        constraints = [
            names.in_one_line("opt_in_name_in_one_line"),
            models.UniqueConstraint(fields=["business", "code"], name="opt_in_code"),
            models.CheckConstraint(name="opt_in_few_tries", condition=models.Q(tries__lte=TRIES)),
            models.CheckConstraint(
                name="opt_in_phone_e164", condition=models.Q(phone__regex=r"^\+[1-9][0-9]{6,14}$")
            ),
        ]
        indexes = [
            # contacts.optin.asking: how many from one place, and for one number, lately.
            models.Index(fields=["origin", "asked_at"], name="opt_in_origin"),
            models.Index(fields=["phone", "asked_at"], name="opt_in_phone"),
            # contacts.optin.asking.sweep: what nobody confirmed.
            models.Index(
                fields=["asked_at"],
                name="opt_in_unconfirmed",
                condition=models.Q(confirmed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phone} · {timezone.localtime(self.asked_at):%d/%m/%Y}"

    @property
    def state(self) -> str:
        """What became of it, in one word."""
        if self.confirmed_at:
            return "confirmed"
        if self.hidden_at:
            return "hidden"
        return "other" if self.from_other_at else "waiting"

    @property
    def ends_at(self) -> datetime:
        """Until when the person's message confirms it."""
        return self.asked_at + VALID

    @property
    def has_expired(self) -> bool:
        """Nothing confirms it any more."""
        return self.confirmed_at is None and timezone.now() > self.ends_at

    @property
    def awaits_code(self) -> bool:
        """A code that we sent may be typed now."""
        return (
            self.code_asked_at is not None
            and self.confirmed_at is None
            and self.tries < TRIES
            and timezone.now() < self.code_asked_at + TYPED_VALID
        )
