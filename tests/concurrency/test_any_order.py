"""Any order of claims, presses, wires, settles, receipts, lease losses and zombies, on PostgreSQL.

Hypothesis plays several holders of the two links of one session, one after the other and out of date, and
switches between the links, against the real outbox. The wire is a list: what each person saw. A holder does only what the drive would: it puts a
message on the wire right after its own press, once, and settles what it pressed itself.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import hypothesis.strategies as st
import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import ARROWS, Status
from contacts import consent
from contacts.models import Source
from contacts.models import State as Subscribed
from sessions.driving import leases
from sessions.events import Receipt, Tick, Undelivered
from sessions.interfaces import (
    InDoubt,
    Key,
    LeaseLost,
    LeaseToken,
    NotSent,
    Outcome,
    Outgoing,
    Sent,
)
from sessions.linking import services
from sessions.models import Lease, Link, Runner
from tests import factories

PEOPLE = 6
REACHED = (Status.SENT, Status.DELIVERED, Status.READ)
TICKS = list(Tick)


@dataclass
class Holder:
    """One process that drives a link of the session, perhaps without knowing that its time is over."""

    token: LeaseToken
    runner: UUID
    outbox: LedgerOutbox = field(default_factory=LedgerOutbox)
    hand: Key | None = None
    pressed: bool = False
    on_wire: str = ""
    over: bool = False


class Row(NamedTuple):
    """A row, and whether its person is subscribed to what it is about."""

    pk: int
    status: str
    message_id: str
    sending_at: datetime | None
    sent_at: datetime | None
    subscribed: str
    since: datetime


def reachable() -> dict[str, set[str]]:
    """From each status, every status that arrows lead to, in any number of steps."""
    closure: dict[str, set[str]] = {old: set(new) for old, new in ARROWS.items()}
    for _step in Status.values:
        for old, new in closure.items():
            closure[old] = new.union(*(closure.get(one, set()) for one in new))
    return closure


REACHABLE = reachable()
holders = st.integers(0, 2)
OUTCOMES = [*(tick.value for tick in Tick), "no tick", "no row"]


class Ledger(RuleBasedStateMachine):
    """The model: holders, the wire, and what each row was seen to be before.

    What each try begins with is made once, by `begin`: a try is taken back at its end.
    """

    links: list[Link]
    rows: list[int]
    look: QuerySet[Delivery, Any]

    @classmethod
    def begin(cls) -> None:
        """Make a running campaign of one session with two links."""
        campaign = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
        assert campaign.session is not None
        cls.links = [campaign.session.link, factories.make_link(campaign.session)]
        cls.rows = [factories.make_delivery(campaign).pk for _number in range(PEOPLE)]
        cls.look = Delivery.objects.filter(
            campaign=campaign, contact__subscriptions__topic=campaign.topic
        ).values_list(
            "pk", "status", "message_id", "sending_at", "sent_at",
            "contact__subscriptions__state", "contact__subscriptions__since",
        )  # fmt: skip

    @initialize()
    def start(self) -> None:
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.wire: list[tuple[int, str]] = []
        self.holders: list[Holder] = []
        self.before: dict[int, str] = dict.fromkeys(self.rows, Status.QUEUED)
        self.decided: Counter[int] = Counter()
        self.told: dict[str, int] = {}
        self.failures: set[str] = set()
        self.serial = 0
        self.acquire(0)

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    # Leases

    def acquire(self, link: int) -> None:
        """A new holder takes over where the link is free, and recovers first, as the drive does."""
        runner = Runner.objects.create(node="a", host="here", pid=1, born=0)
        taken = leases.take(self.links[link].pk, runner.pk)
        if taken is not None:
            self.holders.append(Holder(taken.token, runner.pk))
            self.holders[-1].outbox.recover(taken.token)

    def expire(self) -> None:
        """The newest holder is stopped for longer than its lease; it may wake up later."""
        Lease.objects.filter(link=self.holders[-1].token.link_id).update(
            expires_at=timezone.now().replace(year=2000)
        )

    @rule(killed=st.booleans(), link=st.sampled_from([0, 0, 1]))
    def take_over(self, killed: bool, link: int) -> None:
        """The newest holder is killed, or only stopped: then it is a zombie when it wakes up."""
        self.holders[-1].over |= killed
        self.expire()
        self.acquire(link)

    @rule(link=st.integers(0, 1))
    def drive_the_other_link_too(self, link: int) -> None:
        """A second runner opens a link while the newest holder works on."""
        self.acquire(link)

    @rule(link=st.integers(0, 1))
    def switch(self, link: int) -> None:
        """The account moves to a link, whatever its drivers have in hand."""
        services.switch(link=self.links[link])

    @rule(link=st.integers(0, 1), outcome=st.sampled_from(OUTCOMES))
    def switch_and_go_on(self, link: int, outcome: str) -> None:
        """The same with a driver for the new link, that sends at once."""
        services.switch(link=self.links[link])
        self.acquire(link)
        self.newest_sends_one(outcome)

    @rule(which=holders)
    def renew(self, which: int) -> None:
        holder = self.holder(which)
        if not holder.over:
            leases.renew(holder.runner, {holder.token})

    def holder(self, which: int) -> Holder:
        """One of the three newest, dead ones and zombies included."""
        return self.holders[-1 - which % min(3, len(self.holders))]

    # A message in hand

    @rule(outcome=st.sampled_from(OUTCOMES))
    def newest_goes_on(self, outcome: str) -> None:
        self.goes_on(self.holders[-1], outcome)

    @rule(outcome=st.sampled_from(OUTCOMES), which=holders)
    def anybody_goes_on(self, outcome: str, which: int) -> None:
        self.goes_on(self.holder(which), outcome)

    @rule(outcome=st.sampled_from(OUTCOMES))
    def newest_sends_one(self, outcome: str) -> None:
        for _step in range(3):
            self.goes_on(self.holders[-1], outcome)

    def goes_on(self, holder: Holder, outcome: str) -> None:
        """One step further on the way of a message: claim, press and wire, settle."""
        if holder.over:
            return
        if holder.hand is None:
            self.claim(holder)
        elif not holder.pressed:
            self.press(holder)
        else:
            self.settle(holder, self.came_to(holder, outcome))

    def came_to(self, holder: Holder, outcome: str) -> Sent | InDoubt:
        if outcome in ("no tick", "no row"):
            return InDoubt("no_tick", holder.on_wire if outcome == "no tick" else "")
        return Sent(holder.on_wire, timezone.now(), Tick(outcome))

    def claim(self, holder: Holder) -> None:
        try:
            claimed = holder.outbox.next(holder.token)
        except LeaseLost:
            assert not self.holds(holder), "a holder was refused"
            # A holder of the other link may go on to hear and prove.
            holder.over = not self.leases(holder)
            return
        if isinstance(claimed, Outgoing):
            assert self.holds(holder), "a zombie claimed"
            holder.hand, holder.pressed, holder.on_wire = claimed.key, False, ""

    def press(self, holder: Holder) -> None:
        """The press, and at once the wire: nothing stands between them in the drive."""
        assert holder.hand is not None
        self.serial += 1
        on_wire = f"3EB0{self.serial:04d}"
        try:
            # Every other transport knows the id before the wire.
            holder.outbox.before_wire(holder.token, holder.hand, on_wire if self.serial % 2 else "")
        except LeaseLost:
            holder.over = True
            return
        holder.pressed, holder.on_wire = True, on_wire
        self.wire.append((holder.hand.id, holder.on_wire))

    @rule(which=holders)
    def die_between_press_and_wire(self, which: int) -> None:
        """Pressed in the ledger, and killed before the first byte: a doubt that nobody saw."""
        holder = self.holder(which)
        if holder.over or not holder.hand or holder.pressed:
            return
        holder.over = True
        try:
            holder.outbox.before_wire(holder.token, holder.hand)
        except LeaseLost:
            return

    @rule(which=holders, permanent=st.booleans())
    def settle_not_sent(self, which: int, permanent: bool) -> None:
        """Only before the press does a drive know for certain; retries are made due at once."""
        holder = self.holder(which)
        if holder.hand and not holder.pressed and not holder.over:
            self.settle(holder, NotSent("refused", permanent=permanent))
            Delivery.objects.filter(status=Status.QUEUED).update(
                not_before=timezone.now().replace(year=2000)
            )

    def settle(self, holder: Holder, outcome: Outcome) -> None:
        assert holder.hand is not None
        try:
            holder.outbox.settle(holder.token, holder.hand, outcome)
        except LeaseLost:
            holder.over = True
        holder.hand = None

    # The world around

    @rule(which=holders, number=st.integers(0, 9), tick=st.sampled_from(Tick))
    def receipt(self, which: int, number: int, tick: Tick) -> None:
        """WhatsApp tells whoever is connected how far an old message has come."""
        holder = self.holder(which)
        if self.wire and not holder.over:
            _row, message_id = self.wire[number % len(self.wire)]
            holder.outbox.record_event(
                holder.token.session_id, Receipt(message_id, tick, timezone.now())
            )
            self.told[message_id] = max(TICKS.index(tick), self.told.get(message_id, 0))

    @rule(number=st.integers(0, 9))
    def failure(self, number: int) -> None:
        """WhatsApp tells a process without a lease that an old message will not arrive."""
        if self.wire:
            _row, message_id = self.wire[number % len(self.wire)]
            session = self.holders[0].token.session_id
            LedgerOutbox().record_event(session, Undelivered(message_id, timezone.now()))
            self.failures.add(message_id)

    @rule(which=holders)
    def look_into_the_chats(self, which: int) -> None:
        """A holder looks for the rows in doubt: the newest on the wire is found, absence proves nothing."""
        holder = self.holder(which)
        if holder.over:
            return
        for doubt in holder.outbox.uncertain_messages(holder.token):
            found = [
                one for row, one in self.wire if row == doubt.key.id and one not in doubt.known
            ]
            if not found:
                continue
            try:
                holder.outbox.confirm_sent(holder.token, doubt.key, Sent(found[-1], timezone.now()))
            except LeaseLost:
                assert not self.leases(holder), "a holder was refused"
                holder.over = True
                return
            assert self.leases(holder), "a zombie proved"

    @rule(number=st.integers(0, 1))
    def revoke(self, number: int) -> None:
        contact = Delivery.objects.get(pk=self.rows[number]).contact
        consent.revoke_all(contact=contact, source=Source.WHATSAPP)

    @rule(number=st.integers(0, PEOPLE - 1), again=st.booleans())
    def decide(self, number: int, again: bool) -> None:
        """A person says what became of a doubt; to send again is the person's own risk."""
        row = self.rows[number]
        self.decided[row] += Delivery.objects.filter(pk=row, status=Status.UNCERTAIN).update(
            status=Status.QUEUED if again else Status.FAILED,
            decision_id=factories.decide(row, arrived=False),
            pressed_at=None,
        )

    # What must hold after every step

    def holds(self, holder: Holder) -> bool:
        """Whether it may send now: it leases the link that is the session's active one."""
        active = leases.active_link(holder.token.session_id)
        return self.leases(holder) and holder.token.link_id == active

    def leases(self, holder: Holder) -> bool:
        """Whether the database's clock and fence give it its link now."""
        lease = Lease.objects.get(link=holder.token.link_id)
        alive = lease.expires_at is not None and lease.expires_at > timezone.now()
        return lease.fence == holder.token.fence and alive

    @invariant()
    def everything_holds(self) -> None:
        """One look at the rows is enough for all of it."""
        rows = [Row(*values) for values in self.look.all()]
        assert len(rows) == PEOPLE
        self.nobody_sees_it_twice()
        self.fences_only_grow_and_are_one_holders_each()
        self.every_status_came_by_arrows(rows)
        self.what_is_said_to_be_sent_was_on_the_wire(rows)
        self.what_was_on_the_wire_is_accounted_for()
        self.what_whatsapp_says_of_a_message_counts_in_any_order(rows)
        self.no_receipt_is_lost_that_came_before_the_ack(rows)
        self.nobody_in_hand_has_revoked_before_the_claim(rows)

    def nobody_sees_it_twice(self) -> None:
        for row, times in Counter(row for row, _id in self.wire).items():
            assert times <= 1 + self.decided[row], f"row {row} was sent {times} times"

    def fences_only_grow_and_are_one_holders_each(self) -> None:
        fences = [holder.token.fence for holder in self.holders]
        assert fences == sorted(set(fences))

    def every_status_came_by_arrows(self, rows: list[Row]) -> None:
        for row in rows:
            before = self.before[row.pk]
            known = row.status == before or row.status in REACHABLE.get(before, set())
            assert known, (before, row.status)
        self.before = {row.pk: row.status for row in rows}

    def what_is_said_to_be_sent_was_on_the_wire(self, rows: list[Row]) -> None:
        on_wire = {row for row, _id in self.wire}
        assert {row.pk for row in rows if row.status in REACHED} <= on_wire

    def what_was_on_the_wire_is_accounted_for(self) -> None:
        """A seen message is sent, in doubt, still in hand, was said to fail, or a person decided about it."""
        known = (*REACHED, Status.UNCERTAIN, Status.SENDING)
        for row, message_id in self.wire:
            failed = message_id in self.failures and self.before[row] == Status.FAILED
            assert self.decided[row] or failed or self.before[row] in known

    def what_whatsapp_says_of_a_message_counts_in_any_order(self, rows: list[Row]) -> None:
        """It failed, if that was said and nothing shows that it arrived; else it did not."""
        for row in rows:
            if row.sent_at is not None:
                arrived = row.status in (Status.DELIVERED, Status.READ)
                failed = row.message_id in self.failures and not arrived
                assert (row.status == Status.FAILED) == failed

    def no_receipt_is_lost_that_came_before_the_ack(self, rows: list[Row]) -> None:
        for row in rows:
            taken = row.status in (*REACHED, Status.FAILED) and row.sent_at is not None
            if taken and row.message_id in self.told:
                reached = Status.SENT if row.status == Status.FAILED else Status(row.status)
                assert REACHED.index(reached) >= self.told[row.message_id]

    def nobody_in_hand_has_revoked_before_the_claim(self, rows: list[Row]) -> None:
        for row in rows:
            if row.subscribed == Subscribed.REVOKED and row.sending_at is not None:
                assert row.sending_at <= row.since


@pytest.mark.nodes  # no process, but so many tries take longer than the fast lane waits
@pytest.mark.django_db
def test_nothing_is_sent_twice_in_any_order() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    settings_here = settings(
        max_examples=40,
        stateful_step_count=40,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    Ledger.begin()
    Ledger.TestCase.settings = settings_here
    Ledger.TestCase("runTest").runTest()
