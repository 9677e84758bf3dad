"""What the reasons, fields and sources of an import are called on the pages."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from blu.text import phone
from contacts.spreadsheets.cells import LONG_TAG, MANY_TAGS
from contacts.spreadsheets.header import Field
from contacts.spreadsheets.rows import (
    ASKED_TO_STOP,
    ERASED,
    FUTURE_DATE,
    INVALID_DATE,
    LEFT_OUT,
    LONG_NAME,
    LONG_TEXT,
    MANY_PHONES,
    MIXED_ANSWERS,
    MUCH_DATA,
    OTHER_PERSON,
    STAYS_OUT,
)

_E_MAIL = re.compile(r"\be ?mail\b")
# What is wrong with a row, for the one who has to mend it.
REASONS = {
    phone.MISSING_AREA_CODE: _("Telefone sem DDD."),
    phone.LOST_DIGITS: _(
        "Falta um número no telefone: perdeu-se, virou letra ou o Excel o cortou."
    ),
    phone.INVALID: _("O telefone não existe: faltam ou sobram números, ou o DDD não existe."),
    phone.NO_PHONE: _("Não tem telefone."),
    LEFT_OUT: _("Você escolheu deixar esta linha de fora."),
    INVALID_DATE: _("A data de nascimento não existe: fica em branco."),
    FUTURE_DATE: _("A data de nascimento ainda não chegou: fica em branco."),
    LONG_NAME: _("O nome tem mais de 200 letras: vale só o começo dele."),
    LONG_TEXT: _("Um dos dados tem mais de 500 letras: vale só o começo dele."),
    LONG_TAG: _("Uma etiqueta tem mais de 40 letras: vale só o começo dela."),
    MANY_TAGS: _("São mais de 20 etiquetas: valem só as primeiras."),
    MANY_PHONES: _("Há mais de um número na mesma célula: vale o primeiro."),
    MIXED_ANSWERS: _("Uma coluna diz “sim” e outra não: a linha não vale como aceite."),
    ASKED_TO_STOP: _("Pediu para não receber: só volta se a pessoa responder VOLTAR."),
    MUCH_DATA: _("Este contato já tem dados ou etiquetas demais: os novos não entraram."),
    OTHER_PERSON: _("Quem usa o número disse que é de outra pessoa: não entra por planilha."),
    ERASED: _("Pediu para não receber e para apagar os dados: não entra por planilha."),
    STAYS_OUT: _("Saiu, ou o número foi corrigido, e continua fora. Veja na página do contato."),
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
    phone.LOST_DIGITS: _("Faltou um número? Escreva o telefone inteiro, com DDD e sem letras."),
    phone.INVALID: _("Este número não existe. Confira o DDD: celular tem 9 números depois dele."),
}


def attribute_name(key: str) -> str:
    """An attribute's key as the title of a column: "data_de_cadastro" is "Data de cadastro"."""
    name = _E_MAIL.sub("e-mail", key.replace("_", " "))
    return name[:1].upper() + name[1:]


def short_reason(reason: str, n: int) -> str | Promise:
    """What is wrong with `n` rows, to stand behind their number."""
    words: dict[str, str | Promise] = {
        phone.LOST_DIGITS: ngettext(
            "telefone a que falta um número", "telefones a que falta um número", n
        ),
        phone.INVALID: ngettext("telefone que não existe", "telefones que não existem", n),
        phone.NO_PHONE: _("sem telefone"),
        INVALID_DATE: ngettext("data que não existe", "datas que não existem", n),
        FUTURE_DATE: ngettext("data que ainda não chegou", "datas que ainda não chegaram", n),
        LONG_NAME: ngettext("nome longo demais", "nomes longos demais", n),
        LONG_TEXT: ngettext("dado longo demais", "dados longos demais", n),
        LONG_TAG: ngettext("etiqueta longa demais", "etiquetas longas demais", n),
        MANY_TAGS: _("com etiquetas demais"),
        MANY_PHONES: _("com mais de um número"),
        MIXED_ANSWERS: _("com “sim” e “não” no aceite"),
    }
    return words[reason]
