"""What waits for a person, on the first page: the most pressing first, and nothing left out unsaid.

Every query here is bounded: by an index made for it, or by a handful of rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blu.accounts.models import WRITERS, Business, Role
from blu.web import dates, numbers
from campaigns.alerts import incidents, session_problems
from campaigns.models import Campaign, Delivery, SessionAlert
from campaigns.models.ledger_states import Status
from campaigns.replies import holds, pages
from contacts.models import Import
from contacts.person_requests import services as person_requests
from sessions import health
from sessions.models import LinkMove, WhatsAppSession
from sessions.states import LINKED, URGENCY, State

SHOWN = 100
# Of one kind; how many more there are is a line of its own.
EACH = 3
IMPORT_DAYS = timedelta(days=7)


@dataclass(frozen=True)
class AttentionItem:
    """Something that waits for a person, and where it is decided; `count` of them in one line."""

    title: str
    detail: str
    url: str
    icon: str
    warn: bool = False
    count: int = 1


def items_of(business: Business, role: str = Role.OWNER) -> list[AttentionItem]:
    """The attention items of a business, in the words for that role."""
    sessions = list(WhatsAppSession.objects.filter(business=business).order_by("name"))
    unwell = _unwell(sessions)
    return [
        *(_session(business, session, may_link=role == Role.OWNER) for session in unwell),
        *_alerts(business, sessions, shown=unwell, may_answer=role == Role.OWNER),
        *(_moves(business) if role == Role.OWNER else []),
        *_paused(business),
        *_uncertain(business, sessions),
        *_holds(business),
        *_replies(business),
        *(_person_requests(business) if role in WRITERS else []),
        *(_imports(business) if role in WRITERS else []),
    ]


def _unwell(sessions: Sequence[WhatsAppSession]) -> list[WhatsAppSession]:
    """Those that send nothing now although something waits, or that only a person brings back."""
    found = [
        session
        for session in sessions
        if session_problems.problem_of(session)
        and (State(session.state).needs_owner or incidents.has_work(session.pk))
    ]
    return sorted(found, key=lambda session: URGENCY.index(health.shown_state_of(session)))


def _session(business: Business, session: WhatsAppSession, *, may_link: bool) -> AttentionItem:
    words = session_problems.problem_of(session)
    assert words is not None
    to_do = words.to_do
    if not may_link and State(session.state).may_pair:
        # Only who looks after the account links it anew.
        to_do = _("Quem cuida da conta é quem conecta.")
    url = business.address("session_detail", session.pk)
    return AttentionItem(words.title, to_do, url, "alert", warn=True)


def _alerts(
    business: Business,
    sessions: Sequence[WhatsAppSession],
    *,
    shown: Sequence[WhatsAppSession],
    may_answer: bool,
) -> list[AttentionItem]:
    """The open incidents, without the sessions `shown` already; questions only where one `may_answer`."""
    known = {session.pk for session in shown}
    found = []
    for alert in incidents.open_ones([session.pk for session in sessions]):
        is_away = alert.kind == SessionAlert.Kind.AWAY
        if alert.session_id in known if is_away else not may_answer:
            continue
        words = incidents.in_words(alert)
        url = business.address("session_detail", alert.session_id)
        found.append(AttentionItem(words.title, words.to_do, url, "alert", warn=True))
    return found


def _moves(business: Business) -> list[AttentionItem]:
    """Accounts that are to move to another kind of link, and wait for their owner to scan a code."""
    waiting = LinkMove.objects.filter(
        session__business=business, ended_at=None, switched_at=None
    ).select_related("session", "new")
    return [
        AttentionItem(
            _("“%(name)s”: falta ler um código para mudar") % {"name": move.session.name},
            _("Enquanto isso tudo continua como está."),
            business.address("session_move", move.session_id),
            "link",
        )
        for move in waiting.exclude(new__state__in=LINKED)
    ]


def _paused(business: Business) -> list[AttentionItem]:
    paused = Campaign.objects.filter(business=business, status=Campaign.Status.PAUSED)
    return _first(
        paused.select_related("paused_by"),
        lambda campaign: AttentionItem(
            _("“%(name)s” está pausada") % {"name": campaign.name},
            campaign.why_paused or _("Quem falta espera na fila."),
            business.address("campaign_detail", campaign.pk),
            "pause",
            warn=True,
        ),
        lambda count: AttentionItem(
            ngettext("Mais %(n)s campanha pausada", "Mais %(n)s campanhas pausadas", count)
            % {"n": numbers.grouped(count)},
            _("Estão na lista de campanhas."),
            business.address("campaign_list"),
            "pause",
            warn=True,
            count=count,
        ),
    )


def _first(
    rows: QuerySet[Any], line: Callable[[Any], AttentionItem], rest: Callable[[int], AttentionItem]
) -> list[AttentionItem]:
    """A line for each of the newest few, and one for how many more there are."""
    newest: list[Model] = list(rows.order_by("-id")[: EACH + 1])
    lines = [line(row) for row in newest[:EACH]]
    return [*lines, rest(rows.count() - EACH)] if len(newest) > EACH else lines


def _uncertain(business: Business, sessions: Sequence[WhatsAppSession]) -> list[AttentionItem]:
    """One line per campaign with rows in doubt (index delivery_in_doubt, by session)."""
    doubtful = Delivery.objects.filter(
        business_id=business.pk,
        session_id__in=[session.pk for session in sessions],
        status=Status.UNCERTAIN,
    )
    found: dict[int, tuple[str, int]] = {}
    for campaign_id, name in doubtful.values_list("campaign_id", "campaign__name")[:SHOWN]:
        found[campaign_id] = (name, found.get(campaign_id, ("", 0))[1] + 1)
    return [
        AttentionItem(
            ngettext("%(n)s envio incerto", "%(n)s envios incertos", count)
            % {"n": numbers.capped(count)},
            _("A conexão caiu no meio, em “%(name)s”. Diga se chegou.") % {"name": name},
            f"{business.address('campaign_detail', campaign_id)}?situacao=uncertain",
            "question",
            warn=True,
        )
        for campaign_id, (name, count) in found.items()
    ]


def _person_requests(business: Business) -> list[AttentionItem]:
    """What people asked about their data and the law wants answered these days, in one line."""
    count = person_requests.due_soon(business).count()
    if not count:
        return []
    title = ngettext(
        "%(n)s pedido de uma pessoa vence", "%(n)s pedidos de pessoas vencem", count
    ) % {"n": numbers.capped(count)}
    return [
        AttentionItem(
            title,
            _("A lei dá 15 dias para responder."),
            business.address("person_request_list"),
            "user",
            warn=True,
            count=count,
        )
    ]


def _holds(business: Business) -> list[AttentionItem]:
    """Doubtful answers, in one line: what is queued for them waits as well."""
    count = holds.undecided(business).count()
    if not count:
        return []
    title = ngettext("%(n)s número espera por você", "%(n)s números esperam por você", count) % {
        "n": numbers.grouped(count)
    }
    detail = _("Responderam algo que pode ser pedido para sair. Enquanto isso, nada sai para eles.")
    url = business.address("hold_list")
    return [AttentionItem(title, detail, url, "pause", warn=True, count=count)]


def _replies(business: Business) -> list[AttentionItem]:
    times = pages.open_replies(business, most=SHOWN)
    if not times:
        return []
    title = ngettext("%(n)s resposta por resolver", "%(n)s respostas por resolver", len(times)) % {
        "n": numbers.capped(len(times))
    }
    detail = _("A mais recente chegou %(ago)s.") % {"ago": dates.ago(times[0])}
    if 1 < len(times) < SHOWN:
        detail = _("A mais antiga chegou %(ago)s.") % {"ago": dates.ago(min(times))}
    return [AttentionItem(title, detail, business.address("reply_list"), "reply")]


def _imports(business: Business) -> list[AttentionItem]:
    """Imports of the last days whose check page waits for a person."""
    waiting = Import.objects.filter(
        business=business,
        status=Import.Status.UPLOADED,
        created_at__gte=timezone.now() - IMPORT_DAYS,
    )
    return _first(
        waiting,
        lambda upload: AttentionItem(
            _("Falta conferir uma planilha"),
            f"{upload.file_name} · {dates.when(upload.created_at)}",
            business.address("import_detail", upload.pk),
            "sheet",
        ),
        lambda count: AttentionItem(
            ngettext(
                "Falta conferir mais %(n)s planilha",
                "Falta conferir mais %(n)s planilhas",
                count,
            )
            % {"n": numbers.grouped(count)},
            _("Estão na lista de importações."),
            business.address("import_list"),
            "sheet",
            count=count,
        ),
    )
