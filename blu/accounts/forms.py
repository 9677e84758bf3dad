"""Forms of sign-up and of the business."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blu.accounts.models import BRAZILIAN_ZONES, Business, Role, User
from blu.accounts.services import create_business
from blu.text.phone import is_area_code
from blu.web import names

if TYPE_CHECKING:
    BusinessModelForm = forms.ModelForm[Business]
    UserModelForm = forms.ModelForm[User]
else:
    BusinessModelForm = UserModelForm = forms.ModelForm


class AreaCodeField(forms.CharField):
    """Two digits of an area code (DDD) that exists, or nothing."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "maxlength": "3", "size": "3"})
        super().__init__(required=False, max_length=3, widget=widget, **options)

    def clean(self, value: Any) -> str:
        """011 and 11 are the same place."""
        code = str(super().clean(value)).lstrip("0")
        if code and not is_area_code(code):
            raise forms.ValidationError(
                _("O DDD %(code)s não existe. São dois números, como 11 ou 85."),
                params={"code": code},
            )
        return code


def area_code_field() -> AreaCodeField:
    """The default area code, worded as on every page that asks for it."""
    return AreaCodeField(
        label=gettext_lazy("DDD da região"),
        help_text=gettext_lazy("Serve para os telefones que vierem sem DDD na planilha."),
    )


class SignupForm(forms.Form):
    """What allauth's sign-up asks besides e-mail and password: a name and the first business."""

    name = forms.CharField(
        label=gettext_lazy("Seu nome"),
        max_length=120,
        validators=[names.refuse_unless_a_name],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    business_name = forms.CharField(
        label=gettext_lazy("Nome do negócio"),
        max_length=80,
        validators=[names.refuse_unless_a_name],
        help_text=gettext_lazy("O nome que as pessoas conhecem, como Clínica Horizonte."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Onde fica"),
        choices=BRAZILIAN_ZONES,
        initial=BRAZILIAN_ZONES[0][0],
        help_text=gettext_lazy("Para as mensagens saírem na hora certa daí."),
    )
    default_area_code = area_code_field()

    field_order = ("name", "business_name", "time_zone", "default_area_code", "email", "password1")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the user is saved."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        create_business(
            owner=user,
            name=self.cleaned_data["business_name"],
            time_zone=self.cleaned_data["time_zone"],
            default_area_code=self.cleaned_data["default_area_code"],
        )


class BusinessForm(BusinessModelForm):
    """Name, place and area code of a business."""

    default_area_code = area_code_field()

    class Meta:
        model = Business
        fields = ("name", "time_zone", "default_area_code")
        labels = {
            "name": gettext_lazy("Nome do negócio"),
            "time_zone": gettext_lazy("Onde fica"),
        }
        help_texts = {
            "name": gettext_lazy("O nome que as pessoas conhecem, como Clínica Horizonte."),
            "time_zone": gettext_lazy("Para as mensagens saírem na hora certa daí."),
        }


class PersonForm(UserModelForm):
    """The name that colleagues see beside what one did."""

    class Meta:
        model = User
        fields = ("name",)
        labels = {"name": gettext_lazy("Seu nome")}


class RoleForm(forms.Form):
    """The role of a member."""

    role = forms.ChoiceField(
        label=gettext_lazy("Papel"),
        choices=Role,
        initial=Role.RECEPTIONIST,
        help_text=gettext_lazy(
            "Responsável faz tudo, também dar e tirar acesso. Recepção cuida de contatos, campanhas "
            "e respostas. Só olhar acompanha, sem mudar nada."
        ),
    )


class InviteForm(RoleForm):
    """Whom to invite, and as what."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail da pessoa"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("email", "role")
