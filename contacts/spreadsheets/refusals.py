"""Why a whole file is refused: a code that is stored, and one clear sentence each."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Refusal(models.TextChoices):
    """The reason code of a refused file; its sentence says what to do."""

    EMPTY = "empty", _("A planilha está vazia. Confira se é o arquivo certo e envie de novo.")
    TOO_BIG = (
        "too_big",
        _(
            "O arquivo passa de 150 MB. Apague as colunas e imagens que não precisa, "
            "ou divida a planilha em partes."
        ),
    )
    TOO_MANY_ROWS = (
        "too_many_rows",
        _("A planilha passa de 2 milhões de linhas. Divida em partes e envie uma de cada vez."),
    )
    BOMB = (
        "bomb",
        _(
            "Descompactada, a planilha fica grande demais para abrir com segurança. "
            "Salve só a aba de contatos, como CSV, e envie de novo."
        ),
    )
    PASSWORD = (
        "password",
        _("A planilha está protegida por senha. Tire a senha no Excel e envie de novo."),
    )
    HTML = (
        "html",
        _(
            "Este arquivo é uma página da internet com nome de planilha. "
            "Abra no Excel, salve como .xlsx e envie de novo."
        ),
    )
    VCARD = (
        "vcard",
        _(
            "Este arquivo é de contatos do celular (vCard), que o blü não lê. "
            "Exporte os contatos como CSV, por exemplo no Contatos do Google, e envie de novo."
        ),
    )
    DAMAGED = (
        "damaged",
        _(
            "A planilha não abriu: o arquivo está danificado ou incompleto. "
            "Abra no Excel, salve de novo como .xlsx e envie de novo."
        ),
    )
    NOT_A_SHEET = (
        "not_a_sheet",
        _("Este arquivo não é uma planilha. O blü lê .xlsx, .xls, .ods e .csv."),
    )
    OPEN_QUOTE = (
        "open_quote",
        _(
            "O arquivo tem uma aspa que abre e nunca fecha, e as linhas depois dela se misturam. "
            "Corrija a aspa, ou salve como .xlsx, e envie de novo."
        ),
    )
    LONG_CELL = (
        "long_cell",
        _("Uma célula do arquivo é grande demais para ser lida. Confira as aspas e envie de novo."),
    )
    NO_PHONE_COLUMN = (
        "no_phone_column",
        _(
            "Não achamos a coluna de telefone. Dê a ela um título como “Telefone”, “Celular” ou “WhatsApp”."
        ),
    )
    MANY_WAITING = (
        "many_waiting",
        _(
            "Há planilhas demais esperando por você. Importe ou descarte alguma em Importações e envie de novo."
        ),
    )
    MUCH_WAITING = (
        "much_waiting",
        _(
            "As planilhas que esperam por você já ocupam muito espaço. "
            "Importe ou descarte alguma em Importações e envie de novo."
        ),
    )
    NO_ROOM = (
        "no_room",
        _("Agora não há espaço para guardar a planilha. Tente de novo daqui a pouco."),
    )
    NO_SUCH_SHEET = "no_such_sheet", _("A planilha não tem mais essa aba.")
    FILE_GONE = "file_gone", _("O arquivo não está mais aqui.")


class FileRefused(Exception):
    """The file can't be imported; nothing of it was. `refusal` says why."""

    def __init__(self, refusal: Refusal, *args: Any) -> None:
        super().__init__(refusal, *args)
        self.refusal = refusal

    def __str__(self) -> str:
        return str(self.refusal.label)
