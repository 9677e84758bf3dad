"""What is asked of a draft. Every choice offered belongs to the business that is asking."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy

from blu.accounts.models import Business
from campaigns.compose import drafts
from campaigns.messages import variables
from campaigns.messages.content import plain_lines
from campaigns.messages.forms import BodyForm, as_typed
from campaigns.models import Campaign, Template
from contacts.models import Segment, Topic

if TYPE_CHECKING:
    CampaignModelForm = forms.ModelForm[Campaign]
else:
    CampaignModelForm = forms.ModelForm

# Letters of a field "Quando o dado faltar". Each stands in every placeholder of its datum: thousands of times
# in a text of nothing else.
FALLBACK_MOST = 60


class NewCampaignForm(CampaignModelForm):
    """The name and, perhaps, a template to start from."""

    template = forms.ModelChoiceField(
        queryset=Template.objects.none(),
        required=False,
        label=gettext_lazy("Começar de um modelo"),
        empty_label=gettext_lazy("Em branco"),
    )

    class Meta:
        model = Campaign
        fields = ("name",)
        labels = {"name": gettext_lazy("Nome da campanha")}
        help_texts = {
            "name": gettext_lazy("Só a sua equipe vê. Por exemplo: Vacinação contra a gripe.")
        }
        error_messages = {"name": {"required": gettext_lazy("Falta dar um nome à campanha.")}}

    def __init__(self, *args: Any, business: Business, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        templates = Template.objects.filter(business=business).order_by("name")
        self.fields["template"].queryset = templates  # type: ignore[attr-defined]
        if not templates:
            del self.fields["template"]


class ComposeForm(BodyForm, CampaignModelForm):
    """A draft: to whom, what, through which WhatsApp. Incomplete ones may be saved."""

    class Meta:
        model = Campaign
        fields = ("name", "topic", "segment", "session", "body")
        labels = {
            "name": gettext_lazy("Nome da campanha"),
            "topic": gettext_lazy("Assunto"),
            "segment": gettext_lazy("Público"),
            "session": gettext_lazy("Por qual WhatsApp"),
            "body": gettext_lazy("Texto"),
        }
        help_texts = {
            "segment": "",
            "body": gettext_lazy(
                "A assinatura e “Responda SAIR para não receber mais” entram sozinhas no fim."
            ),
        }
        error_messages = {"name": {"required": gettext_lazy("Falta dar um nome à campanha.")}}

    def __init__(self, *args: Any, business: Business, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = business
        topics, segments = (model.objects.filter(business=business) for model in (Topic, Segment))
        for name, rows, empty in (
            ("topic", topics, gettext_lazy("Escolha o assunto")),
            ("segment", segments, gettext_lazy("Todos que aceitaram")),
            ("session", drafts.sessions_of(business), gettext_lazy("Escolha o WhatsApp")),
        ):
            field: Any = self.fields[name]
            field.queryset = rows.order_by("name")
            field.empty_label = empty
        as_typed(self.fields["body"])

    def savable(self) -> dict[str, Any]:
        """Returns what a draft saves of it: all that is right, and the text also where it isn't yet.

        Nothing where a choice is refused: it was never offered to this person.
        """
        if self.errors.keys() - {"name", "body"}:
            return {}
        written = plain_lines(str(self.data.get("body", ""))).strip()
        body = {"body": written} if drafts.savable(written) else {}
        return {**body, **self.cleaned_data}

    def leaves_unsaved(self) -> bool:
        """Returns whether a draft does not save all of it."""
        return bool(self.fields.keys() - self.savable().keys())


def with_fallbacks(data: Any) -> Any:
    """A composer's POST with the fields "Quando o dado faltar" written into the text.

    Without scripts those fields are the only way to fill in a fallback outside the text; with
    them the text is already right and each field equals what it was.
    """
    mended = data.copy()
    body = mended["body"] = plain_lines(data.get("body", ""))
    if not drafts.savable(body):
        return mended
    changed = {}
    for name in variables.names(body):
        wanted, was = data.get(f"reserva-{name}"), data.get(f"reserva-era-{name}")
        if wanted is not None and was is not None and wanted.strip() != was.strip():
            changed[name] = wanted[:FALLBACK_MOST]
    mended["body"] = variables.with_fallbacks(body, changed)
    return mended
