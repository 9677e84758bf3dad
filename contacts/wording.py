"""What the reasons, fields and sources of an import are called on the pages."""

from django.utils.translation import gettext_lazy as _

from blu.lib import phone
from contacts.imports.header import Field
from contacts.imports.rows import INVALID_DATE, STAYS_OUT

# What is wrong with a row, for the one who has to mend it.
REASONS = {
    phone.MISSING_AREA_CODE: _("Telefone sem DDD."),
    phone.LOST_DIGITS: _("O Excel cortou os dígitos do telefone."),
    phone.INVALID: _("O telefone não existe: faltam ou sobram números, ou o DDD não existe."),
    phone.NO_PHONE: _("Não tem telefone."),
    INVALID_DATE: _("A data de nascimento não existe. A pessoa entra sem a data."),
    STAYS_OUT: _("Pediu para sair, e continua fora: só a própria pessoa volta."),
}
SHORT_REASONS = {
    phone.MISSING_AREA_CODE: _("sem DDD"),
    phone.LOST_DIGITS: _("dígitos cortados pelo Excel"),
    phone.INVALID: _("telefone que não existe"),
    phone.NO_PHONE: _("sem telefone"),
    INVALID_DATE: _("data que não existe"),
}
FIELDS = {
    Field.NAME: _("Nome"),
    Field.PHONE: _("Telefone"),
    Field.AREA_CODE: _("DDD"),
    Field.BIRTH_DATE: _("Nascimento"),
    Field.OPT_IN: _("Aceita receber"),
    Field.TAGS: _("Etiquetas"),
    Field.ATTRIBUTE: _("Outro dado"),
    Field.IGNORE: _("Não importar"),
}
FLAGS = {
    phone.LANDLINE: _("Telefone fixo"),
    phone.NINTH_DIGIT_ADDED: _("Nono dígito acrescentado"),
}
# For one number typed in a form.
PHONE_HELP = {
    phone.NO_PHONE: _("Falta o telefone."),
    phone.MISSING_AREA_CODE: _("Falta o DDD, como em (11) 91234-5678."),
    phone.LOST_DIGITS: _("Faltam dígitos. Escreva o número inteiro, com DDD."),
    phone.INVALID: _("Este número não existe. Confira o DDD: celular tem 9 números depois dele."),
}
