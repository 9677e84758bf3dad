"""What the pairing page shows of the attempt that is under way."""

import hashlib
import io
from dataclasses import dataclass
from datetime import timedelta

import segno
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from blu.db import clock
from sessions.models import OPEN_PAIRING, Link, Pairing, WhatsAppSession
from sessions.reasons import PASSKEY, RAN_OUT, Code
from sessions.states import State

# A code shows within 10 s as a rule; after SLOW the page says so, after STUCK it offers another try.
SLOW, STUCK = 15, 90


@dataclass(frozen=True)
class PairingPage:
    """One look at the attempt; `token` changes whenever the page should be drawn anew."""

    pairing: Pairing | None
    is_linked: bool
    is_slow: bool
    is_stuck: bool
    token: str
    passkeys: int
    """How often WhatsApp has asked for a passkey here."""

    @property
    def is_open(self) -> bool:
        """An attempt is under way."""
        return self.pairing is not None and self.pairing.status in OPEN_PAIRING

    @property
    def by_code(self) -> bool:
        """The attempt under way is one with a code for a number."""
        return self.is_open and bool(self.pairing and self.pairing.phone)

    @property
    def by_qr(self) -> bool:
        """The attempt under way is one with a QR code."""
        return self.is_open and not self.by_code

    @property
    def code(self) -> str:
        """The eight characters, or nothing yet."""
        return (self.pairing.code if self.pairing and self.by_code else "").replace("-", "")

    @property
    def spoken_code(self) -> str:
        """The code as a screen reader says it: H 7 K 2, Q X 4 M."""
        return f"{' '.join(self.code[:4])}, {' '.join(self.code[4:])}"

    @property
    def must_wait(self) -> bool:
        """WhatsApp takes no more attempts for a while: another one now would only make it longer."""
        return bool(self.pairing and self.pairing.reason == Code.TOO_MANY_ATTEMPTS)

    @property
    def only_ran_out(self) -> bool:
        """Nothing was wrong but the time: a new code is all that it takes."""
        if self.pairing is None:
            return False
        # Whoever unlinks ends an attempt without a word on why.
        unsaid = self.pairing.status == Pairing.Status.EXPIRED and not self.pairing.reason
        return unsaid or self.pairing.reason in RAN_OUT

    @property
    def has_ended_badly(self) -> bool:
        """The last attempt expired or failed, and nothing was linked since."""
        return (
            not self.is_linked
            and self.pairing is not None
            and self.pairing.status in (Pairing.Status.EXPIRED, Pairing.Status.FAILED)
        )


def describe(link: Link) -> PairingPage:
    """The last attempt to link a link, and how long it has been waiting."""
    age = ExpressionWrapper(Now() - F("requested_at"), output_field=DurationField())
    pairing = link.pairings.annotate(age=age).order_by("-id").first()
    waited = timedelta()
    if pairing and pairing.status == Pairing.Status.WAITING:
        waited = pairing.age
    is_slow = waited > timedelta(seconds=clock.scaled(SLOW))
    is_stuck = waited > timedelta(seconds=clock.scaled(STUCK))
    is_open = pairing is not None and pairing.status in OPEN_PAIRING
    is_linked = not State(link.state).may_pair and not is_open
    seen = (
        (pairing.pk, pairing.status, pairing.code, pairing.reason) if pairing else (),
        link.state,
        link.session.active_link_id == link.pk,
        is_slow,
        is_stuck,
    )
    token = hashlib.sha256(repr(seen).encode()).hexdigest()[:16]
    passkeys = passkeys_asked(link.session) if pairing and pairing.asked_for_passkey else 0
    return PairingPage(pairing, is_linked, is_slow, is_stuck, token, passkeys)


def passkeys_asked(session: WhatsAppSession) -> int:
    """How many attempts to link the session ended because WhatsApp asked for a passkey."""
    return Pairing.objects.filter(link__session=session, reason__in=PASSKEY).count()


def qr_text(link: Link) -> str:
    """What the QR code of the moment says; empty when none is being shown."""
    pairing = link.pairings.filter(status=Pairing.Status.SHOWING, phone="").first()
    return pairing.code if pairing else ""


def qr_picture(text: str) -> bytes:
    """A QR code as SVG that fills the space it is given."""
    picture = io.BytesIO()
    segno.make(text, error="l", micro=False).save(
        picture, kind="svg", border=0, omitsize=True, svgclass=None, lineclass=None, dark="#000"
    )
    return picture.getvalue()
