"""What the first page shows: the next step of the first day, or how things are (blu.home.attention: what waits).

It looks over contacts, sessions and campaigns at once, which only the composition root may. Every
query here is bounded: by an index made for it, or by a handful of rows.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from blu.accounts.models import WRITERS, Business, Role
from blu.web import dates
from campaigns.limits import pacing
from campaigns.models import Campaign, Notice, Reply
from campaigns.models.campaign_states import ACTIVE, OVER
from campaigns.replies import pages
from campaigns.reports import funnel
from campaigns.reports.funnel import Funnel
from contacts.models import Contact
from sessions.models import WhatsAppSession
from sessions.states import LINKED, State

RECENT_REPLIES = 3
RECENT_CAMPAIGNS = 3


@dataclass(frozen=True)
class Step:
    """One line of the first day's checklist."""

    title: str
    done: bool
    hint: str = ""
    label: str = ""
    url: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Progress:
    """A campaign with its counts; None while a very big one would first have to be counted."""

    campaign: Campaign
    counts: Funnel | None


@dataclass(frozen=True)
class Line:
    """A WhatsApp of the business, with today's use of its limit of new chats (0 without one)."""

    session: WhatsAppSession
    new_chats: int
    quota: int


def is_first_day(business: Business) -> bool:
    """Until the first campaign is done, the page leads there step by step."""
    return not Campaign.objects.filter(business=business, status=Campaign.Status.DONE).exists()


def first_day(business: Business, role: str = Role.OWNER) -> list[Step]:
    """The seven steps from an account to the first campaign, each done or not; as far as `role` may go."""
    steps = _first_day(business, may_link=role == Role.OWNER)
    return steps if role in WRITERS else [replace(step, url="") for step in steps]


def _first_day(business: Business, *, may_link: bool) -> list[Step]:
    campaigns = Campaign.objects.filter(business=business).exclude(status=Campaign.Status.CANCELLED)
    draft = campaigns.exclude(body="").order_by("-id").first()
    tested = Notice.objects.filter(business=business, kind=Notice.Kind.SELF_TEST).exists()
    launched = campaigns.filter(launched_at__isnull=False).exists()
    return [
        Step(_("Criar sua conta"), done=True),
        Step(_("Dizer o nome do negócio"), done=True),
        _linking(business, may_link=may_link),
        Step(
            _("Importar seus contatos"),
            done=Contact.objects.filter(business=business).exists(),
            hint=_("Excel, CSV ou planilha do Google. Você confere tudo antes."),
            label=_("Importar contatos"),
            url=business.address("import_new"),
            icon="upload",
        ),
        Step(
            _("Escrever a mensagem"),
            done=draft is not None,
            hint=_("Com o nome de cada pessoa, e a prévia de como fica no celular."),
            label=_("Nova campanha"),
            url=business.address("campaign_new"),
            icon="edit",
        ),
        *_last_steps(business, draft, tested=tested, launched=launched),
    ]


def _linking(business: Business, *, may_link: bool) -> Step:
    sessions = WhatsAppSession.objects.filter(business=business)
    title, done = _("Conectar o WhatsApp"), sessions.filter(active_link__state__in=LINKED).exists()
    if not may_link:
        return Step(
            title,
            done=done,
            hint=_("Quem cuida da conta é quem conecta."),
            label=_("Ver o WhatsApp"),
            url=business.address("session_list"),
            icon="phone",
        )
    return Step(
        title,
        done=done,
        hint=_(
            "Leva 2 minutos. O celular continua funcionando como sempre, e você desconecta"
            " quando quiser."
        ),
        label=_("Conectar WhatsApp"),
        url=business.address("session_list" if sessions.exists() else "session_new"),
        icon="link",
    )


def _last_steps(
    business: Business, draft: Campaign | None, *, tested: bool, launched: bool
) -> list[Step]:
    where = (
        business.address("campaign_edit", draft.pk) if draft else business.address("campaign_list")
    )
    watch = business.address("campaign_detail", draft.pk) if draft else where
    return [
        Step(
            _("Enviar para o seu próprio número e conferir"),
            done=tested or launched,
            hint=_("Assim você vê a mensagem como os outros vão ver."),
            label=_("Enviar para mim"),
            url=where,
            icon="phone",
        ),
        Step(
            _("Lançar e acompanhar"),
            done=False,
            hint=_("A campanha está saindo. Você pode fechar a janela.")
            if launched
            else _("Antes de sair, você vê quantas pessoas recebem e quem fica de fora."),
            label=_("Acompanhar") if launched else _("Conferir e lançar"),
            url=watch if launched else where,
            icon="send",
        ),
    ]


def under_way(business: Business) -> list[Progress]:
    """Campaigns that are being sent, the newest first."""
    found = Campaign.objects.filter(business=business, status__in=ACTIVE).select_related("topic")
    return [progress(campaign) for campaign in found.order_by("-id")[:RECENT_CAMPAIGNS]]


def latest(business: Business) -> list[Progress]:
    """The last campaigns that ended."""
    found = Campaign.objects.filter(
        business=business, status__in=OVER, launched_at__isnull=False
    ).select_related("topic")
    return [progress(campaign) for campaign in found.order_by("-id")[:RECENT_CAMPAIGNS]]


def progress(campaign: Campaign) -> Progress:
    """A campaign with its counts; without them where counting would take too long for a page."""
    return Progress(campaign, funnel.at_hand(campaign))


def lines(business: Business) -> list[Line]:
    """Every WhatsApp of the business, and how much of today's limit it used."""
    found = []
    for session in WhatsAppSession.objects.filter(business=business).order_by("name"):
        limits = pacing.limits_of(session.pk)
        if limits.unlimited or not State(session.state).is_linked:
            found.append(Line(session, 0, 0))
            continue
        now = timezone.now()
        used = pacing.new_chats_today(limits, now=now)
        found.append(Line(session, used, pacing.quota(limits, now=now) or 0))
    return found


def recent_replies(business: Business) -> list[Reply]:
    """The newest reply of those who wrote last, handled or not (index reply_list)."""
    theirs = pages.of_each_person(Reply.objects.filter(business=business))
    found = theirs.select_related("contact")
    return list(found.order_by("-id")[:RECENT_REPLIES])


def greeting(moment: datetime, name: str) -> str:
    """Bom dia, Ana: by the hour where the business is, and the first name if there is one."""
    hello = dates.greeting(moment)
    first = name.split(maxsplit=1)[0] if name.split() else ""
    return _("%(hello)s, %(name)s") % {"hello": hello, "name": first} if first else hello
