"""Contacts, and saved filters over them."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from blu.db.row_limits import Limited
from blu.text import fold
from blu.web import names
from contacts.models import triggers


class Contact(models.Model):
    """A person with a number; unique (business, phone)."""

    # No index of its own: contact_list serves it, and while the table is small the planner would take
    # it for the checks of the composite keys, and read a whole business for each row of an import.
    business = models.ForeignKey(
        Business, models.CASCADE, db_index=False, verbose_name=_("negócio")
    )
    # Never changes (contacts.models.triggers.number_stays): a corrected number is another contact.
    phone = models.CharField(_("telefone"), max_length=20, help_text=_("com +55 e DDD"))
    # Where the number was corrected: who this person goes on as. In the same business, by a composite
    # key (migration 0007).
    replaced_by = models.ForeignKey(
        "self",
        models.RESTRICT,
        null=True,
        blank=True,
        editable=False,
        related_name="replaced",
        db_constraint=False,
        db_index=False,
        verbose_name=_("número corrigido para"),
    )
    name = models.CharField(_("nome"), max_length=200, blank=True)
    # Folded words and digits, each prefixed with the business (blu.text.fold.vector): one GIN
    # index serves every business without reading another's entries.
    search = SearchVectorField(editable=False, default="", verbose_name=_("palavras para busca"))
    birth_date = models.DateField(_("nascimento"), null=True, blank=True)
    attributes = models.JSONField(_("outros dados"), default=dict, blank=True)
    tags = ArrayField(
        models.CharField(max_length=40), verbose_name=_("etiquetas"), default=list, blank=True
    )
    flags = ArrayField(
        models.CharField(max_length=20),
        default=list,
        blank=True,
        editable=False,
        verbose_name=_("observações do telefone"),
    )
    created_at = models.DateTimeField(_("criado em"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("mudou em"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("contato")
        verbose_name_plural = _("contatos")
        triggers = [triggers.number_stays(), triggers.replaced_without_consent()]
        constraints = [
            models.UniqueConstraint(fields=["business", "phone"], name="contact_phone_once"),
            # What composite foreign keys point at.
            models.UniqueConstraint(fields=["id", "business"], name="contact_business_key"),
            models.CheckConstraint(
                condition=models.Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"), name="contact_phone_e164"
            ),
        ]
        indexes = [
            # The contact list, newest first, by keyset.
            models.Index(fields=["business", "-id"], name="contact_list"),
            # Search by the beginning of any word of a name or of a number, or a number's end.
            GinIndex(fields=["search"], name="contact_search"),
            # How many don't count as a business's contacts any more (campaigns.compose.audience), and what
            # numbers a contact had before.
            models.Index(
                fields=["business", "replaced_by"],
                name="contact_replaced",
                condition=models.Q(replaced_by__isnull=False),
            ),
            # Segments by tag and by attribute.
            GinIndex(fields=["tags"], name="contact_tags"),
            GinIndex(
                fields=["attributes"], name="contact_attributes", opclasses=["jsonb_path_ops"]
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.phone

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the search words beside what they are made of."""
        self.search = fold.vector(self.business_id, self.name, self.phone)
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = {*kwargs["update_fields"], "search"}
        super().save(*args, **kwargs)


class Segment(Limited):
    """A saved filter over contacts; holds no people.

    `filter` is {"tags": [..], "attributes": {name: value}}: all must hold (contacts.segments).
    """

    MOST = 200
    FULL = _("Um negócio tem até %(most)s públicos. Mude um dos que já existem.")

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("negócio"))
    name = names.NameField(_("nome"), max_length=60)
    filter = models.JSONField(_("filtro"), default=dict)
    created_at = models.DateTimeField(
        default=timezone.now, editable=False, verbose_name=_("criado em")
    )

    class Meta:
        verbose_name = _("público")
        verbose_name_plural = _("públicos")
        constraints = [
            names.in_one_line("segment_name_in_one_line"),
            models.UniqueConstraint("business", Upper("name"), name="segment_name_once"),
            models.UniqueConstraint(fields=["id", "business"], name="segment_business_key"),
        ]

    def __str__(self) -> str:
        return self.name
