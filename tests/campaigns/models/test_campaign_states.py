"""One table says how a campaign may move; nothing writes another move, and each pause has its words."""

import ast
from itertools import product

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import override

from blu.web.status_badges import CAMPAIGN
from campaigns.lifecycle import move
from campaigns.models import Campaign
from campaigns.models.campaign_states import (
    ACTIVE,
    BEFORE_LAUNCH,
    MOVES,
    OVER,
    UNDER_WAY,
    CampaignStatus,
    PauseReason,
    pause_in_words,
)
from tests import factories
from tests.clients import Client
from tests.initial_states import born

COUNTS = {"part": 4, "last": 50, "limit": 0.06}


@pytest.fixture
def campaign(db: None) -> Campaign:
    return factories.make_campaign(factories.make_business(), launched_at=timezone.now())


def in_status(campaign: Campaign, status: CampaignStatus) -> QuerySet[Campaign]:
    """Another campaign like it, led to that status."""
    return Campaign.objects.filter(
        pk=factories.make_campaign(
            campaign.business,
            status,
            topic=campaign.topic,
            session=campaign.session,
            launched_at=timezone.now(),
        ).pk
    )


def test_raw_sql_makes_the_moves_of_the_table_and_no_other(campaign: Campaign) -> None:
    made = set()
    for old, new in product(CampaignStatus, CampaignStatus):
        found = in_status(campaign, old)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE campaigns_campaign SET status = %s WHERE id = %s",
                    [str(new), found.get().pk],
                )
        except IntegrityError:
            continue
        made.add((old, new))
    assert made == {(old, new) for old in CampaignStatus for new in (old, *MOVES[old])}


def test_a_campaign_begins_as_a_draft_by_raw_sql_too(campaign: Campaign) -> None:
    assert born(campaign, "status", CampaignStatus) == {CampaignStatus.DRAFT}


def test_a_move_counts_what_it_moved_and_takes_the_reason_of_a_pause_away(
    campaign: Campaign,
) -> None:
    paused, done = (
        in_status(campaign, one) for one in (CampaignStatus.PAUSED, CampaignStatus.DONE)
    )
    paused.update(pause_reason=PauseReason.TOO_MANY_LEFT, pause_counts=COUNTS)
    both = Campaign.objects.filter(pk__in=[paused.get().pk, done.get().pk])
    assert move(both, CampaignStatus.CANCELLED) == 1
    assert (paused.get().status, paused.get().why_paused) == (CampaignStatus.CANCELLED, "")
    assert done.get().status == CampaignStatus.DONE


def test_only_a_paused_campaign_has_a_reason_for_it(campaign: Campaign) -> None:
    running = in_status(campaign, CampaignStatus.RUNNING)
    with pytest.raises(IntegrityError), transaction.atomic():
        running.update(pause_reason=PauseReason.TIME_LOCK)


def test_only_move_writes_the_status_of_a_campaign() -> None:
    found = set()
    for app in ("campaigns", "blu", "sessions", "contacts"):
        for path in sorted((settings.BASE / app).rglob("*.py")):
            if {"migrations", "bench", "simulator"} & set(path.parts):
                continue
            source = path.read_text("utf-8")
            if "status" not in source or "Campaign" not in source:
                continue
            for node in ast.walk(ast.parse(source)):
                wrote = (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "update"
                    and any(
                        (word.arg == "status" and "CampaignStatus" in ast.dump(word.value))
                        or (word.arg == "status" and "'Campaign'" in ast.dump(word.value))
                        for word in node.keywords
                    )
                ) or (
                    isinstance(node, ast.Assign)
                    and any("'status'" in ast.dump(target) for target in node.targets)
                    and "'Campaign'" in ast.dump(node.value)
                )
                if wrote:
                    found.add(path.relative_to(settings.BASE).as_posix())
    assert found == set()
    assert "status=status" in (settings.BASE / "campaigns" / "lifecycle.py").read_text()


def test_every_status_has_its_badge_and_is_before_under_way_or_over() -> None:
    assert set(CAMPAIGN) == set(CampaignStatus)
    assert sorted((*BEFORE_LAUNCH, *UNDER_WAY, *OVER)) == sorted(CampaignStatus)
    assert set(ACTIVE) < set(UNDER_WAY)


@pytest.mark.parametrize("reason", [reason for reason in PauseReason if reason])
def test_an_english_reader_finds_no_portuguese_reason_of_a_pause(
    client: Client, db: None, reason: PauseReason
) -> None:
    owner = factories.make_membership()
    client.force_login(owner.user)
    client.cookies["django_language"] = "en"
    counts = COUNTS if "%(" in str(reason.label) else {}
    paused = factories.make_campaign(
        owner.business, "paused", pause_reason=reason, pause_counts=counts,
        paused_at=timezone.now(),
    )  # fmt: skip
    with override("pt-br"):
        portuguese = pause_in_words(reason, counts)
    with override("en"):
        english = pause_in_words(reason, counts)
    assert portuguese != english
    for path in ("/", f"/campanhas/{paused.pk}/", f"/api/v1/campaigns/{paused.pk}/"):
        page = client.get(path, follow=True).content.decode()
        assert english in page or escape(english) in page, path
        assert portuguese not in page, path
