"""The main job from end to end, unattended: what `make demo` runs once every process answers.

A spreadsheet goes in through the service that the web page uses, one account is linked by QR on the
simulator for each kind of link that this machine can drive, each sends a campaign, and the ledger is then compared
with what the simulator's recipients saw.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Min
from django.utils import timezone

from blu.accounts.models import Business, Membership, Role, User
from blu.accounts.refused import Refused
from blu.ops import browser_path, dev_secrets
from campaigns import lifecycle
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import REACHED, Status
from campaigns.reports import funnel as reports
from contacts.imports.declarations import Declaration
from contacts.imports.uploads import import_file
from contacts.models import Import, Segment, Source, State, Subscription, Topic
from sessions.driving import runners
from sessions.linking import services as session_services
from sessions.models import Pairing, WhatsAppSession

T = TypeVar("T")

SPREADSHEET = "demo/clinica-horizonte.xlsx"
WORDING = "Aceito receber avisos da Clínica Horizonte pelo WhatsApp. Posso sair quando quiser."
BODY = (
    "Olá, {{nome|tudo bem}}! Aqui é da *Clínica Horizonte*.\n\n"
    "Seu plano {{plano|atual}} agora inclui a vacina da gripe. Quer reservar um horário?\n"
    "Responda _QUERO_ que a gente te chama."
)
# Each kind's session, with the plan whose people its campaign goes to.
SESSIONS = {"direct": ("Recepção", "Família"), "browser": ("Clínica", "Prata")}
OWNER_EMAIL = "ana@clinica-horizonte.local"
PATIENCE = 120.0  # seconds each step may take before the demo gives up
SETTLE = 25.0  # seconds given to ticks that are still on their way


class Simulator(Protocol):
    """What the rehearsal asks of the simulator: a phone that scans, and what recipients saw."""

    def scan(self, ref: str, phone: str) -> dict[str, Any]: ...
    def messages(self, **filters: str) -> list[dict[str, Any]]: ...


class Mismatch(Exception):
    """The demo did not come out as it must; the message says where."""


@dataclass(frozen=True)
class Summary:
    """The demo's last line; sent counts those that reached at least sent, and so on."""

    imported: int
    subscribed: int
    recipients: int
    sent: int
    delivered: int
    read: int
    failed: int
    skipped: int
    uncertain: int
    lost: int
    repeated: int

    def line(self) -> str:
        """`demo: imported=300 subscribed=…`."""
        return "demo: " + " ".join(f"{name}={value}" for name, value in asdict(self).items())


def run(simulator: Simulator) -> int:
    """Do the whole job and print what came of it; the exit status."""
    try:
        owner = _owner()
        business = _business(owner)
        topic = Topic.objects.create(
            business=business, name="Agenda e avisos", description="Até duas mensagens por mês."
        )
        done = _import(business, owner, topic)
        campaigns = [
            _send(
                business, owner, topic, _link(business, owner, simulator, kind), SESSIONS[kind][1]
            )
            for kind in _kinds()
        ]
        for campaign in campaigns:
            _settle(campaign, simulator)
        summary = _summary(campaigns, done, topic, simulator)
    except (Mismatch, Refused) as failed:
        _say(f"demo failed: {failed}")
        return 1
    for campaign in campaigns:
        _report(campaign)
    _say(summary.line())
    wrong = (
        summary.lost or summary.repeated or summary.uncertain or summary.sent != summary.recipients
    )
    return 1 if wrong or not summary.recipients else 0


def _owner() -> User:
    """Ana, who owns the clinic; her password is the trial's."""
    user: User
    password = dev_secrets.secrets(settings.VAR)["staff_password"]
    user, created = get_user_model().objects.get_or_create(
        email=OWNER_EMAIL, defaults={"name": "Ana Ribeiro"}
    )
    if created:
        user.set_password(password)
        user.save()
        # Confirmed, so that inviting and changing the address can be tried.
        EmailAddress.objects.create(user=user, email=OWNER_EMAIL, verified=True, primary=True)
    _say(f"owner:     {OWNER_EMAIL} / {password}")
    return user


def _business(owner: User) -> Business:
    """A clinic of this run's own, so that a second demo counts from nothing again."""
    number = Business.objects.filter(slug__startswith="clinica-horizonte").count() + 1
    suffix = f"-{number}" if number > 1 else ""
    business = Business.objects.create(
        name=f"Clínica Horizonte {number if number > 1 else ''}".strip(),
        slug=f"clinica-horizonte{suffix}",
    )
    Membership.objects.create(user=owner, business=business, role=Role.OWNER)
    return business


def _import(business: Business, owner: User, topic: Topic) -> Import:
    source = Path(settings.BASE, SPREADSHEET)
    done = import_file(
        business=business,
        path=source,
        actor=owner,
        declaration=Declaration(topic=topic, source=Source.PAPER, wording=WORDING),
    )
    if done.status != Import.Status.DONE:
        raise Mismatch(f"the import ended as {done.status}: {done.refusal}")
    _say(f"imported {done.imported} contacts from {SPREADSHEET}")
    return done


def _kinds() -> list[str]:
    """Those that this machine can drive; without a browser it says so."""
    _until("a host's sign of life", lambda: runners.host_lives() or None)
    try:
        browser_path.browser_path(settings.BROWSER)
    except browser_path.BrowserMissing as missing:
        _say(
            f"no browser on this machine: the demo works on the direct connection alone ({missing})"
        )
        return ["direct"]
    return list(SESSIONS)


def _link(business: Business, owner: User, simulator: Simulator, kind: str) -> WhatsAppSession:
    session = session_services.create_session(
        business=business, name=SESSIONS[kind][0], actor=owner, transport=kind
    )
    session_services.accept_terms(session=session, actor=owner)
    pairing = session_services.request_pairing(session=session, actor=owner)
    phone = f"+55119000{session.pk:05d}"
    started = time.monotonic()

    def shown() -> Pairing | None:
        return Pairing.objects.filter(pk=pairing.pk, status=Pairing.Status.SHOWING).first()

    code = _until("the QR code", shown)
    waited = time.monotonic() - started
    _say(f"{kind}: QR code shown after {waited:.1f} s; the phone {phone} scans it")
    simulator.scan(code.code, phone)

    def linked() -> WhatsAppSession | None:
        return WhatsAppSession.objects.filter(
            pk=session.pk, active_link__linked_at__isnull=False
        ).first()

    return _until("the link", linked)


def _send(
    business: Business, owner: User, topic: Topic, session: WhatsAppSession, plan: str
) -> Campaign:
    segment = Segment.objects.create(
        business=business, name=f"Plano {plan}", filter={"attributes": {"plano": plan}}
    )
    campaign = Campaign.objects.create(
        business=business,
        name=f"Vacinação contra a gripe · {plan}",
        topic=topic,
        segment=segment,
        session=session,
        body=BODY,
        created_by=owner,
    )
    lifecycle.launch(campaign_id=campaign.pk, business=business, actor=owner)
    started = time.monotonic()

    def ended() -> Campaign | None:
        return Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.DONE).first()

    done = _until("the campaign", ended)
    first = Delivery.objects.filter(campaign=done).aggregate(at=Min("sent_at"))["at"]
    wait = (first - done.launched_at).total_seconds() if first and done.launched_at else 0.0
    _say(
        f"{session.transport}: sent to {done.recipients} people in {time.monotonic() - started:.1f} s,"
        f" the first {wait:.1f} s after the launch"
    )
    return done


def _settle(campaign: Campaign, simulator: Simulator) -> None:
    """Wait for the ticks of everything that recipients have already received and read."""
    deadline = time.monotonic() + SETTLE * 2
    while time.monotonic() < deadline:
        seen = _seen(campaign, simulator)
        rows = Counter(Delivery.objects.filter(campaign=campaign).values_list("status", flat=True))
        read = sum(1 for message in seen if message.get("read_at"))
        if rows[Status.READ] >= read and rows[Status.SENT] == 0 and _quiet(seen):
            return
        time.sleep(0.5)


def _quiet(seen: list[dict[str, Any]]) -> bool:
    """Returns whether no message was received or read in the last seconds."""
    stamps = [str(m[key]) for m in seen for key in ("delivered_at", "read_at") if m.get(key)]
    if not stamps:
        return False
    newest = max(datetime.fromisoformat(stamp) for stamp in stamps)
    return (timezone.now() - newest).total_seconds() > 5


def _seen(campaign: Campaign, simulator: Simulator) -> list[dict[str, Any]]:
    assert campaign.session is not None
    return simulator.messages(account=campaign.session.phone)


def _summary(
    campaigns: list[Campaign], done: Import, topic: Topic, simulator: Simulator
) -> Summary:
    rows = list(Delivery.objects.filter(campaign__in=campaigns).values_list("message_id", "status"))
    messages = [message for campaign in campaigns for message in _seen(campaign, simulator)]
    seen = Counter(str(message["id"]) for message in messages)
    people = Counter(str(message["to"]) for message in messages)
    accounted = (Status.FAILED, Status.SKIPPED, Status.UNCERTAIN, Status.CANCELLED)
    lost = sum(1 for message_id, status in rows if status not in accounted and not seen[message_id])
    by_status = Counter(status for _message_id, status in rows)

    def reached(status: Status) -> int:
        return sum(by_status[further] for further in REACHED[status])

    return Summary(
        imported=done.imported,
        subscribed=Subscription.objects.filter(topic=topic, state=State.GRANTED).count(),
        recipients=len(rows),
        sent=reached(Status.SENT),
        delivered=reached(Status.DELIVERED),
        read=reached(Status.READ),
        failed=by_status[Status.FAILED],
        skipped=by_status[Status.SKIPPED],
        uncertain=by_status[Status.UNCERTAIN],
        lost=lost,
        repeated=sum(count - 1 for count in people.values() if count > 1),
    )


def _report(campaign: Campaign) -> None:
    """The report as a table, as the campaign's page counts it."""
    _say(campaign.name)
    funnel = reports.funnel(campaign)
    for name, value in asdict(funnel).items():
        if isinstance(value, int):
            _say(f"  {name:<12} {value:>6}")


def _until(what: str, look: Callable[[], T | None]) -> T:
    """Wait for `look` to find something; Mismatch after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.1)
    raise Mismatch(f"{what} did not come within {PATIENCE:.0f} s")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
