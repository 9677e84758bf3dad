"""The form of a segment: a saved filter over contacts."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blu.accounts.models import Business
from blu.web import names
from contacts import pages
from contacts.models import Segment
from contacts.spreadsheets.cells import MAX_TAGS, MAX_TEXT
from contacts.spreadsheets.labels import attribute_name

CONDITIONS = 3  # attribute conditions that a segment's page offers
CONDITIONS_MOST = 10  # that it keeps: each is offered every value there is


class SegmentForm(forms.Form):
    """A segment's name and conditions, all of which must hold."""

    name = forms.CharField(
        label=gettext_lazy("Nome do público"),
        max_length=60,
        validators=[names.refuse_unless_a_name],
    )
    tags = forms.MultipleChoiceField(
        label=gettext_lazy("Tem todas estas etiquetas"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, business: Business, segment: Segment | None = None, **kwargs: Any
    ) -> None:
        self.business, self.segment = business, segment
        kept = segment.filter if segment else {}
        initial = {"name": segment.name if segment else "", "tags": kept.get("tags", [])}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        tags = list(dict.fromkeys([*kept.get("tags", []), *pages.known_tags(business)]))
        self.fields["tags"] = forms.MultipleChoiceField(
            choices=[(tag, tag) for tag in tags],
            label=_("Tem todas estas etiquetas"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        self._add_conditions(list(kept.get("attributes", {}).items()))

    def _add_conditions(self, kept: list[tuple[str, str]]) -> None:
        others, known = pages.known_attributes(self.business)
        pairs = list(dict.fromkeys([*kept, *known]))
        choices = [
            ("", _("Qualquer um")),
            *((_pair(*p), f"{attribute_name(p[0])}: {p[1]}") for p in pairs),
        ]
        if others:
            self._add_other(others)
        for number in range(max(CONDITIONS, len(kept)) if pairs else 0):
            initial = _pair(*kept[number]) if number < len(kept) else ""
            self.fields[f"condition{number}"] = forms.ChoiceField(
                choices=choices, required=False, initial=initial, label=_("Outro dado")
            )

    def _add_other(self, others: list[str]) -> None:
        """A value that isn't among those to choose from is written."""
        self.fields["other_name"] = forms.ChoiceField(
            choices=[("", _("Nenhum")), *((name, attribute_name(name)) for name in others)],
            required=False,
            label=_("Qual dado"),
        )
        self.fields["other_value"] = forms.CharField(
            max_length=MAX_TEXT,
            required=False,
            label=_("Valor"),
            help_text=_("Escreva igual ao que está nos contatos."),
        )

    @property
    def conditions(self) -> list[forms.BoundField]:
        """The fields of the attribute conditions."""
        return [self[name] for name in self.fields if name.startswith("condition")]

    def clean_name(self) -> str:
        """A name that no other segment of the business has."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        same = Segment.objects.filter(business=self.business, name__iexact=name)
        if self.segment:
            same = same.exclude(pk=self.segment.pk)
        if same.exists():
            raise forms.ValidationError(_("Já existe um público com este nome."))
        return name

    def clean(self) -> dict[str, Any]:
        """A written value needs its name, and a name its value; and there must be room for one more."""
        if self.segment is None:
            Segment.refuse_another(self.business.pk)
        name, value = (self.cleaned_data.get(f"other_{part}", "") for part in ("name", "value"))
        if name and not value and "other_value" not in self.errors:
            self.add_error("other_value", _("Falta escrever o valor."))
        if value and not name and "other_name" not in self.errors:
            self.add_error("other_name", _("Falta dizer de qual dado é este valor."))
        self._refuse_two_values_of_one()
        kept = self.filter()
        if len(kept.get("attributes", ())) > CONDITIONS_MOST:
            most = {"most": CONDITIONS_MOST}
            self.add_error(None, _("Um público tem até %(most)s condições. Tire uma delas.") % most)
        if len(kept.get("tags", ())) > MAX_TAGS:
            self.add_error("tags", _("Um público tem até 20 etiquetas. Tire algumas."))
        return self.cleaned_data

    def _refuse_two_values_of_one(self) -> None:
        """Nobody has two values of one datum: of two conditions only one could be kept."""
        seen: dict[str, str] = {}
        chosen = {
            name: json.loads(pair)
            for name, pair in self.cleaned_data.items()
            if name.startswith("condition") and pair
        }
        if other := self.cleaned_data.get("other_name"):
            chosen["other_value"] = (other, self.cleaned_data.get("other_value", ""))
        for name, (key, value) in chosen.items():
            if seen.setdefault(key, value) != value and name not in self.errors:
                self.add_error(name, _("Este dado já tem outro valor aqui. Escolha só um."))

    def filter(self) -> dict[str, Any]:
        """As Segment.filter keeps it."""
        chosen = [v for name, v in self.cleaned_data.items() if name.startswith("condition") and v]
        attributes = dict(json.loads(pair) for pair in chosen)
        if (name := self.cleaned_data.get("other_name")) and self.cleaned_data.get("other_value"):
            attributes[name] = self.cleaned_data["other_value"]
        kept = {"tags": self.cleaned_data.get("tags", []), "attributes": attributes}
        return {name: value for name, value in kept.items() if value}


def _pair(key: str, value: str) -> str:
    return json.dumps([key, value], ensure_ascii=False)
