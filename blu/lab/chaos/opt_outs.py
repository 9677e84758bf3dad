"""Who asks to stop in the midst of it: a few people of each campaign, over and above those who answer."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

from blu.db.retry import retry_while_away
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status

STOPS = 3  # a campaign: more of its last 50 people would trip the circuit breaker
ANSWER_SHARE = 0.2


class Simulator(Protocol):
    """What a person does to an account."""

    def say(self, phone: str, to: str, text: str) -> dict[str, Any]: ...


@dataclass
class Talkers:
    """Lets one person at a time who got a message of the campaigns say SAIR."""

    simulator: Simulator
    campaigns: list[Campaign]
    chance: random.Random
    said: Counter[int] = field(default_factory=Counter)

    def stop_one(self) -> bool:
        """One more person asks to stop; returns False where all who may have done so. Raises what the simulator does."""
        open_ = [one for one in self.campaigns if self.said[one.pk] < STOPS and one.session]
        if not open_:
            return False
        campaign = self.chance.choice(open_)
        got = Delivery.objects.filter(
            campaign=campaign, status__in=(Status.DELIVERED, Status.READ), replied_at=None
        )
        row = retry_while_away(lambda: got.order_by("?").first())
        if row is None or campaign.session is None:
            return False
        self.simulator.say(row.phone, campaign.session.phone, "SAIR")
        self.said[campaign.pk] += 1
        return True
