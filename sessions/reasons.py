"""Why a session is as it is, as codes: stored with their parameters, put into words where they are shown.

What a transport tells are the codes of its own `words`; the rest is written by blü. A code that is gone
from here must not stand in any row.
"""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

MOST = 60  # letters of a code
UNTIL = "until"
"""The parameter of an end that WhatsApp itself told, as an ISO stamp; without it nobody knows the end."""


class Code(models.TextChoices):
    """A reason of a session's state, of an event, or of how an attempt to link ended."""

    NONE = "", ""
    # What people did.
    CREATED = "created", _("Criado por %(person)s")
    UNLINKED = "unlinked_by", _("Desconectado por %(person)s")
    SWITCHED = "switched", _("Passou a enviar por este aparelho.")
    KEPT_ENDED = "kept_ended", _("Ficou guardado por 7 dias e foi desconectado.")
    REPLACED = "replaced", _("Trocado por outro jeito de conectar.")
    GIVEN_UP = "given_up", _("Alguém parou de esperar pelo celular.")
    NOBODY_CAME = (
        "nobody_came",
        _("Ninguém digitou o código ou leu o QR a tempo. Nada mudou no seu celular."),
    )
    # What WhatsApp says of the account.
    OFFLINE = "offline", _("O WhatsApp está sem conexão.")
    CONFLICT = "conflict", _("O WhatsApp está aberto em outro lugar.")
    LOGGED_OUT = (
        "logged_out",
        _("A conta não está mais conectada. É preciso conectar de novo pelo celular."),
    )
    OTHER_ACCOUNT = (
        "other_account",
        _(
            "Este aparelho está na conta %(phone)s, que é outra: nada é lido nem enviado por ele. "
            "Remova-o no celular daquela conta e conecte de novo com a conta certa."
        ),
    )
    NEW_NUMBER = (
        "new_number",
        _(
            "%(phone)s é outro número: esta conexão tem as conversas de %(own)s e só volta com ele. "
            "Para %(phone)s, crie outra conexão."
        ),
    )
    OTHER_SESSION = (
        "other_session",
        _("%(phone)s já é da conexão “%(name)s”. Conecte este número por ela."),
    )
    OTHER_BUSINESS = (
        "other_business",
        _("%(phone)s está conectado ao blü por outro negócio, que precisa desconectá-lo antes."),
    )
    BEGAN_ELSEWHERE = (
        "began_elsewhere",
        _(
            "%(phone)s começou conversas por outro negócio há menos de 24 horas: as conversas novas de um dia contam "
            "por número. Conecte-o aqui amanhã."
        ),
    )
    NO_NEW_CHATS = (
        "no_new_chats",
        _("O WhatsApp restringiu esta conta: ela não pode iniciar novas conversas."),
    )
    NO_MESSAGES = (
        "no_messages",
        _("O WhatsApp restringiu esta conta: ela não pode enviar mensagens."),
    )
    BANNED = "banned", _("O WhatsApp bloqueou esta conta.")
    OUTDATED = "outdated", _("O WhatsApp pede uma versão mais nova do programa do blü.")
    NEEDS_PASSKEY = (
        "needs_passkey",
        _(
            "O WhatsApp pediu uma chave de acesso, que o blü não tem como dar: "
            "esta conta não pode ser conectada hoje. Tente de novo outro dia ou conecte outro número."
        ),
    )
    PASSKEY_ASKED = (
        "passkey_asked",
        _(
            "O WhatsApp pediu uma chave de acesso (“%(said)s”), que o blü não tem como dar: "
            "esta conta não pode ser conectada hoje. Tente de novo outro dia ou conecte outro número."
        ),
    )
    TOO_MANY_ATTEMPTS = (
        "too_many_attempts",
        _("O WhatsApp não aceita mais tentativas por agora. Espere algumas horas e tente de novo."),
    )
    DATABASE_ERROR = (
        "database_error",
        _("Os dados da conexão não puderam ser guardados. Tente de novo."),
    )
    NEW_CHATS_SPENT = (
        "new_chats_spent",
        _("O WhatsApp não deixa esta conta iniciar mais conversas novas por agora."),
    )
    PHONE_REFUSED = "phone_refused", _("O WhatsApp não aceitou este número: “%(said)s”")
    WRONG_NUMBER = "wrong_number", _("Número de telefone incorreto. Confira e tente de novo.")
    KEY_REFUSED = "key_refused", _("O WhatsApp não aceitou esta chave. Confira e cole de novo.")
    PAIRING_LATE = "pairing_late", _("O tempo para conectar acabou.")
    # What the page or the browser did.
    UNREACHABLE = "unreachable", _("O WhatsApp não pôde ser alcançado.")
    BROWSER_REFUSED = "browser_refused", _("O WhatsApp Web recusou este navegador.")
    NO_ANSWER = "no_answer", _("O WhatsApp não respondeu a tempo.")
    BROWSER_MISSING = (
        "browser_missing",
        _("Falta o navegador na máquina que guarda esta conexão; avise o suporte."),
    )
    BROWSER_GONE = "browser_gone", _("O navegador parou de funcionar.")
    BROWSER_SLOW = "browser_slow", _("O navegador não respondeu a tempo.")
    BROWSER_FAILED = "browser_failed", _("O navegador não pôde ser iniciado.")
    PROGRAM_UNUSABLE = (
        "program_unusable",
        _("O programa que fala com o WhatsApp não pode ser usado nesta máquina; avise o suporte."),
    )
    NO_SANDBOX = (
        "no_sandbox",
        _("O navegador não pode ser protegido nesta máquina e não foi aberto; avise o suporte."),
    )
    PROFILE_IN_USE = (
        "profile_in_use",
        _("A pasta desta conexão está aberta em outro navegador."),
    )
    PROFILE_UNUSABLE = (
        "profile_unusable",
        _("A pasta desta conexão não pode ser lida ou gravada."),
    )
    NO_CONFIRMATION = (
        "no_confirmation",
        _("O WhatsApp não está confirmando as mensagens; a conexão parou para verificação."),
    )
    PAGE_ODD = (
        "page_odd",
        _("A página do WhatsApp não respondeu como esperado; a conexão parou para verificação."),
    )
    UNKNOWN_PAGE = (
        "unknown_page",
        _("A página do WhatsApp mostrou algo desconhecido; a conexão parou para verificação."),
    )
    TERMS_ASKED = (
        "terms_asked",
        _("O WhatsApp pede que os termos novos sejam aceitos no celular."),
    )
    SCREEN_LOCKED = (
        "screen_locked",
        _("O WhatsApp Web está bloqueado com senha; a conexão parou para verificação."),
    )
    UNKNOWN_SIGN = (
        "unknown_sign",
        _("O WhatsApp mostrou um sinal desconhecido; a conexão parou para verificação."),
    )
    # What is the matter with our machines.
    DISK_FULL = (
        "disk_full",
        _(
            "O disco da máquina que guarda esta conexão está cheio. "
            "Nada se perde: tudo continua sozinho assim que houver espaço."
        ),
    )
    HOME_UNUSABLE = (
        "home_unusable",
        _("A pasta desta conexão não pode ser usada na máquina %(node)s: %(error)s."),
    )
    HOME_LOST = (
        "home_lost",
        _(
            "A máquina que guardava esta conexão parou de funcionar. "
            "Conecte o WhatsApp de novo pelo celular: as mensagens na fila esperam."
        ),
    )
    HOME_BACK = "home_back", _("A máquina que guarda esta conexão voltou.")
    HOME_NOT_ARCHIVED = (
        "home_not_archived",
        _("A cópia da conexão não pôde ser guardada: %(error)s"),
    )
    BAD_SELECTORS = (
        "bad_selectors",
        _("Os seletores desta máquina têm um erro; avise o suporte."),
    )
    ONLY_FOR_TESTS = (
        "only_for_tests",
        _("Esta conexão é só para testes e não envia pelo WhatsApp de verdade."),
    )
    SIMULATOR_AWAY = "simulator_away", _("O simulador não respondeu.")


PASSKEY = (Code.PASSKEY_ASKED, Code.NEEDS_PASSKEY)
"""How an attempt ends where WhatsApp asks for a passkey."""
RAN_OUT = (Code.NOBODY_CAME, Code.PAIRING_LATE, Code.GIVEN_UP, Code.REPLACED)
"""How it ends where nobody did anything wrong: a new code is all that it takes."""


def in_words(code: str, params: Mapping[str, str]) -> str:
    """What a reason says, in the language of who reads; "" for none, the code where it is unknown."""
    if code not in Code:
        return code
    return str(Code(code).label) % params if params else str(Code(code).label)


def storable(code: str) -> str:
    """A code as it is stored, cut to its column: a transport may give unknown ones of any length."""
    return _plain(code, MOST)


def shortened(params: Mapping[str, str], most: int = 200) -> dict[str, str]:
    """Parameters as they are stored, cut to `most` letters each."""
    return {name: _plain(value, most) for name, value in params.items()}


def _plain(told: object, most: int) -> str:
    """A value as its column can hold it, so that writing a state never fails."""
    return str(told).replace("\0", "")[:most]
