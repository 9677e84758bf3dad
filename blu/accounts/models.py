"""Tenancy: who works where, and in which role."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from blu.web import names

SESSION_SALT = "blu.accounts.session"
BRAZILIAN_ZONES = [
    ("America/Sao_Paulo", _("Brasília, São Paulo, Sul, Nordeste e Pará")),
    ("America/Manaus", _("Amazonas, Roraima e Rondônia")),
    ("America/Cuiaba", _("Mato Grosso e Mato Grosso do Sul")),
    ("America/Rio_Branco", _("Acre")),
    ("America/Noronha", _("Fernando de Noronha")),
]


def current_language() -> str:
    """The language that is spoken now: of the page that is asked for, or else Portuguese."""
    return get_language() or settings.LANGUAGE_CODE


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user with a hashed password; ValueError without an address."""
        if not email:
            raise ValueError("an e-mail address is required")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Support staff with every permission."""
        return self.create_user(
            email, password, **{"is_staff": True, "is_superuser": True} | fields
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in, by e-mail address."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = names.NameField(_("nome"), max_length=120, blank=True)
    is_active = models.BooleanField(_("pode entrar"), default=True)
    is_staff = models.BooleanField(_("é do suporte"), default=False)
    date_joined = models.DateTimeField(_("entrou em"), default=timezone.now)
    # Of the pages that they read last (blu.accounts.languages): mails go out in it.
    language = models.CharField(
        _("idioma"), max_length=10, choices=settings.LANGUAGES, default=current_language
    )

    # Their memberships as the request began, if it is theirs (blu.accounts.backends).
    known_memberships: Sequence["Membership"] = ()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("pessoa")
        verbose_name_plural = _("pessoas")
        constraints = [names.in_one_line("user_name_in_one_line")]

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What every session of this person is held against (Django's hook): a new password ends the

        others, and so does a new address.
        """
        ends_with = f"{self.password}\n{self.email.lower()}"
        return salted_hmac(SESSION_SALT, ends_with, secret=secret, algorithm="sha256").hexdigest()


class SecondStepLock(models.Model):
    """How often the codes of a person's second step were tried in vain, and until when none is taken.

    Written by blu.accounts.second_step alone; a right code sets it back.
    """

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("pessoa")
    )
    failures = models.PositiveIntegerField(_("códigos errados"), default=0)
    locked_until = models.DateTimeField(_("trancada até"), null=True, blank=True)

    class Meta:
        verbose_name = _("segunda etapa trancada")
        verbose_name_plural = _("segundas etapas trancadas")

    def __str__(self) -> str:
        return str(self.user)


class EmailChange(models.Model):
    """A replaced e-mail address; its holder may take the change back for the time OPEN.

    Its link is mailed, never stored (blu.accounts.email_take_back).
    """

    OPEN = timedelta(days=7)

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("pessoa"))
    from_email = models.EmailField(_("e-mail antigo"), db_index=True)
    to_email = models.EmailField(_("e-mail novo"))
    changed_at = models.DateTimeField(_("trocado em"), default=timezone.now, editable=False)
    # Taken back, or made worthless when an earlier change was.
    closed_at = models.DateTimeField(_("encerrado em"), null=True, blank=True)

    class Meta:
        verbose_name = _("troca de e-mail")
        verbose_name_plural = _("trocas de e-mail")

    def __str__(self) -> str:
        return f"{self.from_email} → {self.to_email}"


class Business(models.Model):
    """The tenant: every row of the other apps belongs to one."""

    name = names.NameField(_("nome"), max_length=80)
    # Stands in every address of the business, in mails and bookmarks: it stays when the name changes.
    slug = models.SlugField(_("endereço curto"), max_length=80, unique=True)
    time_zone = models.CharField(
        _("fuso horário"), max_length=40, choices=BRAZILIAN_ZONES, default="America/Sao_Paulo"
    )
    default_area_code = models.CharField(
        _("DDD padrão"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[1-9][1-9]$", _("O DDD tem dois números, como 11."))],
        help_text=_("Completa telefones que vierem sem DDD na planilha."),
    )
    created_at = models.DateTimeField(_("criada em"), default=timezone.now, editable=False)
    users = models.ManyToManyField(User, through="Membership", related_name="businesses")
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("negócio")
        verbose_name_plural = _("negócios")
        constraints = [
            names.in_one_line("business_name_in_one_line"),
            models.CheckConstraint(
                name="business_slug_fits_an_address", condition=Q(slug__regex=r"^[-a-zA-Z0-9_]+$")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The business's time zone."""
        return ZoneInfo(self.time_zone)

    def address(self, name: str, *keys: int) -> str:
        """The path of one of its pages, by the name and the keys of its address; for mails it follows PUBLIC_URL."""
        return reverse(name, args=[self.slug, *keys])


class BusinessClosing(models.Model):
    """A whole business is deleted: who asked, when, and how much there was. Outlives the business, and never names it."""

    business_id = models.BigIntegerField(_("nº do negócio"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("quem pediu"),
    )
    by_support = models.BooleanField(_("pelo suporte"), default=False)
    asked_at = models.DateTimeField(_("pedido em"), db_default=Now())
    # When its task was last enqueued: one that got lost is enqueued again (blu.dispatch.dispatcher).
    enqueued_at = models.DateTimeField(_("chamada em"), db_default=Now())
    rows = models.PositiveBigIntegerField(_("linhas apagadas"), default=0, db_default=0)
    ended_at = models.DateTimeField(_("terminou em"), null=True, blank=True)

    class Meta:
        verbose_name = _("negócio encerrado")
        verbose_name_plural = _("negócios encerrados")
        permissions = [("close_business", _("Pode encerrar negócios"))]
        constraints = [
            models.UniqueConstraint(fields=["business_id"], name="business_closes_once"),
        ]

    def __str__(self) -> str:
        return f"#{self.business_id}"


class Role(models.TextChoices):
    """What a member may do: owners everything, receptionists daily work, viewers look."""

    OWNER = "owner", _("responsável")
    RECEPTIONIST = "receptionist", _("recepção")
    VIEWER = "viewer", _("só olhar")


# Who may write and launch; viewers look.
WRITERS = (Role.OWNER, Role.RECEPTIONIST)


class Membership(models.Model):
    """A User's role in a Business."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="memberships", verbose_name=_("pessoa")
    )
    business = models.ForeignKey(
        Business, models.CASCADE, related_name="memberships", verbose_name=_("negócio")
    )
    role = models.CharField(_("papel"), max_length=12, choices=Role, default=Role.OWNER)
    created_at = models.DateTimeField(default=timezone.now, editable=False, verbose_name=_("desde"))
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("participação")
        verbose_name_plural = _("participações")
        constraints = [
            models.UniqueConstraint(fields=["user", "business"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.business}"


class Invitation(models.Model):
    """An invitation of the holder of an e-mail address; its link is mailed, never stored.

    Open until it is accepted or cancelled; an open one whose last mail is older than VALID has expired
    and may be sent again.
    """

    VALID = timedelta(days=7)

    business = models.ForeignKey(
        Business, models.CASCADE, related_name="invitations", verbose_name=_("negócio")
    )
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("papel"), max_length=12, choices=Role)
    invited_by = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("convidado por"),
    )
    created_at = models.DateTimeField(_("criado em"), default=timezone.now, editable=False)
    sent_at = models.DateTimeField(_("enviado em"), default=timezone.now)
    accepted_at = models.DateTimeField(_("aceito em"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelado em"), null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("convite")
        verbose_name_plural = _("convites")
        constraints = [
            # Also the index of the open ones of a business (blu.accounts.invitations.of_business).
            models.UniqueConstraint(
                name="one_open_invitation",
                fields=["business", "email"],
                condition=Q(accepted_at=None, cancelled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.business}"

    @property
    def has_expired(self) -> bool:
        """Whether the link that was mailed last is too old."""
        return timezone.now() - self.sent_at > self.VALID


class Turn(models.Model):
    """What only one process may do at a time, and who does it until when (blu.accounts.turns)."""

    name = models.CharField(_("nome"), max_length=60, primary_key=True)
    holder = models.UUIDField(_("quem"))
    until = models.DateTimeField(_("vale até"))

    class Meta:
        verbose_name = _("vez")
        verbose_name_plural = _("vezes")

    def __str__(self) -> str:
        return self.name
