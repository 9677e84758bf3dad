"""Machines, the processes on them that drive links, their leases, and what moves between machines.

Part of sessions.models, which gives them out.
"""

from uuid import uuid4

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from blu.db.state_machine import only_grows


class Node(models.Model):
    """A machine (or a name standing for one) that runs visits; kept alive by its `watch`."""

    name = models.CharField(_("máquina"), max_length=40, primary_key=True)
    slots = models.PositiveSmallIntegerField(_("vagas"), default=0)
    host = models.CharField(_("endereço"), max_length=100, blank=True)
    # Of the instance that lives under this name: a second one is noticed by it.
    token = models.UUIDField(_("instância"), editable=False)
    stopped = models.BooleanField(_("parada de propósito"), default=False)
    started_at = models.DateTimeField(_("desde"), db_default=Now())
    seen_at = models.DateTimeField(_("último sinal"), db_default=Now())
    # Since when its signs of life came without a gap: only then is another's silence that one's own.
    steady_since = models.DateTimeField(_("sem falhas desde"), db_default=Now())

    class Meta:
        verbose_name = _("máquina")
        verbose_name_plural = _("máquinas")

    def __str__(self) -> str:
        return self.name


class HomeArchive(models.Model):
    """What carries a link, encrypted in the storage `homes`, as of one closing."""

    link = models.OneToOneField(
        "wa_sessions.Link", models.CASCADE, primary_key=True, verbose_name=_("aparelho")
    )
    name = models.CharField(_("arquivo"), max_length=200)
    fence = models.BigIntegerField(_("nº do direito de uso"))
    size = models.BigIntegerField(_("tamanho em bytes"))
    made_at = models.DateTimeField(_("guardado em"), db_default=Now())

    class Meta:
        verbose_name = _("cópia da conexão")
        verbose_name_plural = _("cópias das conexões")

    def __str__(self) -> str:
        return f"{self.link_id} #{self.fence}"


class Runner(models.Model):
    """A process that holds leases: the worker of a visit, or a host. Gone when it ends well."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    node = models.CharField(_("máquina"), max_length=40)
    host = models.CharField(_("endereço"), max_length=100)
    pid = models.IntegerField(_("nº do processo"))
    born = models.FloatField(_("início do processo"))  # a pid may be given to another process
    heartbeat = models.DateTimeField(_("último sinal"), db_default=Now())
    # Of a host; a visit has none.
    capacity = models.IntegerField(_("aparelhos no máximo"), null=True, blank=True)

    class Meta:
        verbose_name = _("processo")
        verbose_name_plural = _("processos")

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class Lease(models.Model):
    """The exclusive right to drive a link; `fence` is drawn from its session, and only ever grows."""

    link = models.OneToOneField(
        "wa_sessions.Link", models.CASCADE, primary_key=True, verbose_name=_("aparelho")
    )
    # Of the link: the ledger's statements find a lease by session and fence.
    session = models.ForeignKey(
        "wa_sessions.WhatsAppSession",
        models.CASCADE,
        related_name="leases",
        verbose_name=_("conexão"),
    )
    fence = models.BigIntegerField(_("nº do direito de uso"), default=0)
    runner = models.ForeignKey(
        Runner, models.SET_NULL, null=True, blank=True, verbose_name=_("processo")
    )
    node = models.CharField(_("máquina"), max_length=40, blank=True)
    acquired_at = models.DateTimeField(null=True, blank=True, verbose_name=_("tomado em"))
    expires_at = models.DateTimeField(_("vale até"), null=True, blank=True)

    class Meta:
        verbose_name = _("direito de uso")
        verbose_name_plural = _("direitos de uso")
        triggers = [only_grows("fence")]

    def __str__(self) -> str:
        return f"{self.session_id} #{self.fence}"
