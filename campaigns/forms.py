"""What the campaign pages ask. Every choice offered belongs to the business that is asking."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blu.accounts.models import Business
from blu.lib import phone as phones
from blu.lib import variables
from campaigns import decisions, message
from campaigns.models import Campaign, Template
from campaigns.models.campaign import BODY_MOST
from contacts.models import Segment, Topic
from sessions.models import WhatsAppSession

if TYPE_CHECKING:
    CampaignModelForm = forms.ModelForm[Campaign]
    TemplateModelForm = forms.ModelForm[Template]
else:
    CampaignModelForm = TemplateModelForm = forms.ModelForm

# A draft may be longer than what can be sent: the person has yet to shorten it.
DRAFT_MOST = 4 * BODY_MOST
# Letters of a field "Quando o dado faltar". Each stands in every placeholder of its datum: thousands of times
# in a text of nothing else.
FALLBACK_MOST = 60
PHONE_WORDS = {
    phones.NO_PHONE: gettext_lazy("Falta o número do seu celular."),
    phones.MISSING_AREA_CODE: gettext_lazy("Falta o DDD, como em (11) 91234-5678."),
    phones.LOST_DIGITS: gettext_lazy(
        "Faltou um número? Escreva o telefone inteiro, com DDD e sem letras."
    ),
}


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


class BodyForm(forms.Form):
    """The text of a message, refused with the place of whatever is wrong in it."""

    business: Business
    most = BODY_MOST

    def clean_body(self) -> str:
        """The text with plain line ends, every variable known and every brace closed."""
        body = plain_lines(str(self.cleaned_data["body"]))
        faults = message.faults(self.business, body)
        if faults:
            raise forms.ValidationError(faults)
        return body.strip()


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
        for name, model, empty in (
            ("topic", Topic, gettext_lazy("Escolha o assunto")),
            ("segment", Segment, gettext_lazy("Todos que aceitaram")),
            ("session", WhatsAppSession, gettext_lazy("Escolha o WhatsApp")),
        ):
            field: Any = self.fields[name]
            field.queryset = model.objects.filter(business=business).order_by("name")
            field.empty_label = empty
        as_typed(self.fields["body"])
        session: Any = self.fields["session"]
        session.queryset = session.queryset.filter(active_link__linked_at__isnull=False)

    def kept(self) -> dict[str, Any]:
        """What a draft keeps of it: all that is right, and the text also where it isn't yet.

        Nothing where a choice is refused: it was never offered to this person.
        """
        if self.errors.keys() - {"name", "body"}:
            return {}
        written = plain_lines(str(self.data.get("body", ""))).strip()
        body = {"body": written} if len(written) <= DRAFT_MOST else {}
        return {**body, **self.cleaned_data}

    def forgets(self) -> bool:
        """Whether something of it isn't kept."""
        return bool(self.fields.keys() - self.kept().keys())


class TemplateForm(BodyForm, TemplateModelForm):
    """A reusable text."""

    class Meta:
        model = Template
        fields = ("name", "body")
        labels = {"name": gettext_lazy("Nome do modelo"), "body": gettext_lazy("Texto")}
        help_texts = {"name": gettext_lazy("Para achar depois: Lembrete de consulta, Aniversário.")}
        error_messages = {
            "name": {"required": gettext_lazy("Falta dar um nome ao modelo.")},
            "body": {"required": gettext_lazy("Falta o texto do modelo.")},
        }

    def __init__(self, *args: Any, business: Business, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = business
        as_typed(self.fields["body"])

    def clean_name(self) -> str:
        """The name, unless another template of the business has it."""
        name = str(self.cleaned_data["name"]).strip()
        others = Template.objects.filter(business=self.business).exclude(pk=self.instance.pk)
        if others.filter(name__iexact=name).exists():
            raise forms.ValidationError(_("Já existe um modelo com este nome. Escolha outro."))
        return name


class DecisionForm(forms.Form):
    """What a person saw in the chat of a message in doubt; the answer is which button was pressed."""

    reason = forms.CharField(
        label=gettext_lazy("O que você viu na conversa?"),
        max_length=decisions.MOST,
        error_messages={"required": gettext_lazy("Falta dizer o que você viu na conversa.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    arrived = forms.TypedChoiceField(
        choices=(("sim", ""), ("nao", "")),
        coerce=lambda said: said == "sim",
        error_messages={"required": gettext_lazy("Falta dizer se chegou: toque em um dos botões.")},
    )


class OwnNumberForm(forms.Form):
    """The number that a code is sent to, to show that it is the person's own."""

    phone = forms.CharField(
        label=gettext_lazy("Seu WhatsApp"),
        help_text=gettext_lazy("Com DDD. Só os testes vão para ele."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def __init__(self, *args: Any, business: Business, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = business

    def clean_phone(self) -> str:
        """The number in E.164; an error in plain words when it can't be read for certain."""
        written = str(self.cleaned_data["phone"])
        try:
            phone = phones.read_phone(written, self.business.default_area_code)
        except phones.PhoneError as error:
            unknown = _("Este número não existe. Confira o DDD e os 9 números.")
            raise forms.ValidationError(str(PHONE_WORDS.get(error.reason, unknown))) from error
        if not phone.is_mobile:
            raise forms.ValidationError(
                _("Este número é de telefone fixo. Escreva o do seu celular.")
            )
        return phone.e164


class CodeForm(forms.Form):
    """The code that came to the number."""

    code = forms.CharField(
        label=gettext_lazy("Código que chegou"),
        max_length=20,
        error_messages={"required": gettext_lazy("Falta o código: são 6 números.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


def as_typed(field: forms.Field) -> None:
    """Leave the text alone until `clean_body`: people count blank lines, and no line end twice."""
    field.strip = False  # type: ignore[attr-defined]  # CharField's
    field.validators = [one for one in field.validators if not isinstance(one, MaxLengthValidator)]


def plain_lines(text: str) -> str:
    """Browsers send \\r\\n; positions and WhatsApp count \\n."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def with_fallbacks(data: Any) -> Any:
    """A composer's POST with the fields "Quando o dado faltar" written into the text.

    Without scripts those fields are the only way to fill in a fallback outside the text; with
    them the text is already right and each field equals what it was.
    """
    mended = data.copy()
    body = mended["body"] = plain_lines(data.get("body", ""))
    if len(body) > DRAFT_MOST:
        return mended
    changed = {}
    for name in variables.names(body):
        wanted, was = data.get(f"reserva-{name}"), data.get(f"reserva-era-{name}")
        if wanted is not None and was is not None and wanted.strip() != was.strip():
            changed[name] = wanted[:FALLBACK_MOST]
    mended["body"] = variables.with_fallbacks(body, changed)
    return mended
