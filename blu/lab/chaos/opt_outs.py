"""Who asks to stop in the midst of it, in the words people use, and whether anybody wrote to them afterwards."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import F, OuterRef, Subquery

from blu.db.retry import retry_while_away
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from contacts import stops
from contacts.models import Stop

STOPS = 3  # a campaign: more of its last 50 people would trip the circuit breaker
ANSWER_SHARE = 0.2
# SAIR in fifty dressings: each is said by the next person who stops.
DRESSINGS = (
"SAIR","sair","Sair.","SAIR!!!","sair por favor","Quero sair","Oi, quero sair","Bom dia, SAIR","Boa tarde! Sair, por gentileza",
"S A I R","S.A.I.R.","saaair","siar","SAIR SAIR","*SAIR*","“SAIR”","- sair","SAIR 🙏","sair agora, obrigada","Me tira dessa lista",
"PARAR","pare","Parem","parem com isso","parar de receber","quero parar de receber","Para de mandar mensagem","CANCELAR","cancelar inscrição",
"DESCADASTRAR","descadastra","me descadastrem por favor","REMOVER","remover meu número","Removam meu contato","me exclua da lista","Exclui meu número daí",
"STOP","stop please","unsubscribe","não quero mais receber","nao quero receber mais nada","n quero mais receber","ñ quero mais mensagem",
"não me mande mais mensagens","Por favor, não enviem mais nada","não autorizo mais o envio","já pedi para parar","apague meus dados","Responda SAIR para não receber mais")  # fmt: skip


class Simulator(Protocol):
    """What a person does to an account."""

    def say(self, phone: str, to: str, text: str) -> dict[str, Any]: ...


@dataclass
class Talkers:
    """Lets one person at a time who got a message of the campaigns say SAIR, each in other words."""

    simulator: Simulator
    campaigns: list[Campaign]
    chance: random.Random
    said: Counter[int] = field(default_factory=Counter)
    words: dict[str, str] = field(default_factory=dict)  # by the number of who said them

    def stop_one(self) -> bool:
        """One more person asks to stop; returns False where all who may have done so. Raises what the simulator does."""
        open_ = [one for one in self.campaigns if self.said[one.pk] < STOPS and one.session]
        if not open_:
            return False
        campaign = self.chance.choice(open_)
        got = Delivery.objects.filter(
            campaign=campaign, status__in=(Status.DELIVERED, Status.READ), replied_at=None
        ).exclude(phone__in=list(self.words))
        row = retry_while_away(lambda: got.order_by("?").first())
        if row is None or campaign.session is None:
            return False
        text = DRESSINGS[len(self.words) % len(DRESSINGS)]
        self.simulator.say(row.phone, campaign.session.phone, text)
        self.words[row.phone] = text
        self.said[campaign.pk] += 1
        return True

    def complaints(self) -> list[str]:
        """What was not heard as a stop, and whoever was written to after theirs was kept, a line each."""
        if not self.words:
            return []
        business = self.campaigns[0].business_id
        keys = {stops.key_of(phone): text for phone, text in self.words.items()}
        kept = set(stops.standing(business, keys).values_list("key", flat=True))
        unheard = [
            f"not heard as a stop: {text!r}" for key, text in keys.items() if key not in kept
        ]
        late = written_after(business, self.words)
        return unheard + ([f"{late} messages to people who had stopped"] if late else [])


def written_after(business_id: int, phones: Iterable[str]) -> int:
    """How many rows of these numbers were claimed after the stop of their number was kept."""
    stop = Stop.objects.filter(business=business_id, key=OuterRef("phone"), lifted_at=None)
    rows = Delivery.objects.filter(business_id=business_id, phone__in=list(phones))
    stopped = rows.annotate(stopped_at=Subquery(stop.values("at")[:1]))
    return stopped.filter(sending_at__gt=F("stopped_at")).count()
