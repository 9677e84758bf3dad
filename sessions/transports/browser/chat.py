"""Opening the chat of a number, and making sure that it is that number's chat."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sessions.events import SENT_HERE, Address, Link
from sessions.interfaces import LinkLost, NotSent
from sessions.transports.browser import chat_identity, reasons, screens
from sessions.transports.browser.chat_identity import Card, Kind
from sessions.transports.browser.dom_rows import LEGACY_ID
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.screens import SCREENS
from sessions.transports.browser.selectors import Selectors
from sessions.transports.browser.text import agrees, strip_marks
from sessions.transports.browser.timeouts import Limit, Timeouts

ARRIVAL = (
    *SCREENS,
    "invalid_number",
    "starting_chat",
    "barrier",
    "box",
    "chat_header",
)
DRAWER_SECONDS = 5.0
QUICK_SECONDS = 1.5
"""For a card that only confirms what the title says."""
NO_CARD = Card(there=False, kind="", numbers=())
UNASKED_SECONDS = 5.0
"""A page that showed no question by then asked none, or had its answer at once."""
AGAIN_SECONDS = 2.0
"""A page that is just connecting takes no notice of a link: it is followed again."""


@dataclass(frozen=True)
class OpenChat:
    """The chat that is open: its title as shown, and whose it is: digits, or else a username.

    `written` says that we wrote in a chat of this title, whether or not it still shows.
    """

    title: str
    wa_id: str
    username: str = ""
    written: bool = False

    @property
    def key(self) -> str:
        """The key that distinguishes it from other people's chats."""
        return self.wa_id or f"@{self.username}"


class Chats:
    """Which chat is open, and the way to another one."""

    def __init__(
        self, page: WebPage, base_url: str, timeouts: Timeouts, selectors: Selectors
    ) -> None:
        self._page = page
        self._base_url = base_url
        self._timeouts = timeouts
        self._selectors = selectors
        self.remembered: Callable[[str], str] = lambda _title: ""
        """Gives the digits of the person to whom we wrote in a chat of that title, "" of others."""
        self.on_hidden: Callable[[str, str], None] = lambda _title, _wa_id: None
        """Told of the chat of a person who hides the number by which we asked for them."""
        self.current: OpenChat | None = None
        self.adopted_many = False
        """Was the last chat that was to be adopted a group, or a channel?"""
        self.on_staying: Callable[[Sequence[dict[str, Any]], OpenChat], None] = (
            lambda _rows, _chat: None
        )
        """Told the rows of the chat that is still on the screen while the way leads to another one:
        what is said there meanwhile never shows a badge."""
        self._card = NO_CARD
        self.arrived: dict[str, Any] | None = None
        """What stood there a moment ago, when the chat that was asked for came; None once it may be otherwise."""
        self.titles: dict[str, str] = {}
        """Titles proven to be a number's, in this opening. Two saved contacts may share a name:
        good enough to find a chat in the list, never to send."""

    def show(self, phone: str, wa_id: str | None = None) -> Address | None:
        """Open the chat of an E.164 phone; None when the number is not on WhatsApp.

        `wa_id` is a remembered address. Raises NotSent(temporary) when the chat doesn't open or is
        another one's, LinkLost when the page shows that the link is gone.
        """
        self.arrived = None
        if self.current and self.at(phone) and self._still_open():
            return self._address(phone, self.current)
        here = self._page.ask("arrival", ARRIVAL)
        self._check_link(here["screen"])
        before = strip_marks(here["chat"]["title"])
        left, self.current = self.current, None
        if _is_chat(here["screen"]) and agrees(phone, chat_identity.number_in_title(before)):
            # It stands there. Asked for once more, the page would draw it anew under what is being written.
            found = self._found(phone, here, moved=False)
            if found is not None:
                return found
        href = f"{self._base_url}/send?phone={(wa_id or phone).lstrip('+')}"
        try:
            found = self._arrive(phone, href, before, left)
        except NotSent:
            self._stay(left)
            raise
        self._stay(left)
        return found

    def answers(self, own: str, seconds: float) -> bool | None:
        """A round trip: does WhatsApp answer a question about the account's own number?

        The chat list proves nothing: it stays for 90 s after a silent cut. The question
        goes to nobody else; the page waits under "Iniciando conversa" for an answer that takes its time.
        One that was quick, or that the page knew already, proves nothing either: None. Nor does a wait that
        ends with the chat that was open before: the page gave up asking.
        """
        before = strip_marks(self._page.ask("chat")["title"])
        left, self.current = self.current, None
        href = f"{self._base_url}/send?phone={own.lstrip('+')}"
        answered = self._inquire(href, self._timeouts.until(seconds), left, before)
        self._stay(left)
        return answered

    def _inquire(self, href: str, limit: Limit, left: OpenChat | None, before: str) -> bool | None:
        followed = began = self._follow(href, "inquire")
        asked = False
        while not limit.passed():
            arrival = self._page.wait(0.2, "inquiry", ARRIVAL)
            screen, asked, now = arrival["screen"], asked or arrival["asked"], time.monotonic()
            self._check_link(screen)
            self._hear_staying(left, arrival["chat"])
            if "invalid_number" in screen:
                return self._page.click("popup_ok")
            if "offline" not in screen:
                # Not before the own chat stands there: it would come up under what is written next.
                came = _is_chat(screen) and strip_marks(arrival["chat"]["title"]) != before
                if came or (not asked and now - began > UNASKED_SECONDS):
                    return asked or None
            if "starting_chat" not in screen and now - followed > AGAIN_SECONDS:
                followed = self._follow(href, "inquire")
        return None if not asked and "offline" not in self._page.ask("look", ARRIVAL) else False

    def at(self, phone: str) -> bool:
        """Is this number's chat the one that was opened last?"""
        return self.current is not None and agrees(phone, self.current.wa_id)

    def adopt(self, title: str) -> OpenChat | None:
        """Make the open chat the current one. Returns None where it is no single person's.

        Who hides the number is known by the username, or as the one to whom we wrote in this chat.
        """
        chat = self._page.ask("chat")
        kind = chat_identity.kind_of(chat, self._selectors)
        self.adopted_many = kind.is_many
        if kind.is_many or strip_marks(chat["title"]) != title:
            return None
        wa_id, username = self._whose(chat), chat_identity.username_in_title(title)
        written_to = self.titles.get(title, "") or self.remembered(title)
        if not wa_id and not self.adopted_many and _we_wrote(chat["rows"]):
            wa_id = written_to
        if self.adopted_many or not (wa_id or username):
            return None
        if wa_id:
            self.titles[title] = wa_id
        self.current = OpenChat(title, wa_id, username, bool(written_to))
        return self.current

    def _stay(self, left: OpenChat | None) -> None:
        """Where the page came to no other chat, the one it shows must still be heard."""
        if self.current is None and left is not None:
            shown = strip_marks(self._page.ask("chat")["title"])
            self.current = left if shown == left.title else None

    def _hear_staying(self, left: OpenChat | None, chat: dict[str, Any]) -> None:
        if left is not None and strip_marks(chat["title"]) == left.title:
            self.on_staying(chat["rows"], left)

    def _arrive(self, phone: str, href: str, before: str, left: OpenChat | None) -> Address | None:
        moved, reason = False, reasons.CHAT_DID_NOT_OPEN
        limit = self._timeouts.until(self._timeouts.open)
        followed = time.monotonic()
        patience = followed + self._timeouts.open / 3
        arrival = self._page.wait(0.3, "arrival", ARRIVAL, deed=("follow", href))
        while not limit.passed():
            screen, chat = arrival["screen"], arrival["chat"]
            self._check_link(screen)
            self._hear_staying(left, chat)
            if "invalid_number" in screen:
                self._page.click("popup_ok")
                return None
            moved = moved or "starting_chat" in screen or strip_marks(chat["title"]) != before
            # Whose a name is takes a drawer: not before the page has moved on, or has had the
            # time to, if the wanted chat was open all along.
            known = (
                chat_identity.number_in_title(chat["title"]) or moved or time.monotonic() > patience
            )
            if known and _is_chat(screen):
                found = self._found(phone, arrival, moved=moved)
                if found is not None:
                    return found
                # A page that is only slow still shows the chat that it is about to leave.
                elsewhere = strip_marks(chat["title"]) != before
                reason = reasons.WRONG_CHAT if elsewhere else reason
            if not moved and time.monotonic() - followed > AGAIN_SECONDS:
                followed = self._follow(href)
            arrival = self._page.wait(0.3, "arrival", ARRIVAL)
        if "offline" in arrival["screen"]:
            raise LinkLost(reasons.OFFLINE, Link.OFFLINE)
        if self._is_unknown_page(phone, arrival):
            raise LinkLost(reasons.UNKNOWN_PAGE, Link.STOPPED)
        raise NotSent(reason, permanent=False)

    @staticmethod
    def _is_unknown_page(phone: str, arrival: dict[str, Any]) -> bool:
        """Is it the wanted chat, with nothing to write in, and nothing known in that place?"""
        screen, chat = arrival["screen"], arrival["chat"]
        here = agrees(phone, chat_identity.number_in_title(chat["title"]))
        quiet = not any(name in screen for name in ("starting_chat", "interstitial", "box"))
        return here and quiet and "barrier" not in screen

    def _follow(self, href: str, how: str = "follow") -> float:
        """Ask the page for a chat; returns when, to ask again where it took no notice."""
        self._page.ask(how, href)
        return time.monotonic()

    def _found(self, phone: str, arrival: dict[str, Any], *, moved: bool) -> Address | None:
        """The person's address where it is their chat that stands there."""
        found = self._match(phone, arrival["chat"], moved=moved)
        self.arrived = arrival if found and self._card is NO_CARD else None
        return found

    def _match(self, phone: str, chat: dict[str, Any], *, moved: bool) -> Address | None:
        title = strip_marks(chat["title"])
        # A chat without a title could not be told from the next one.
        if not title or chat_identity.kind_of(chat, self._selectors).is_many:
            return None
        wa_id = self._whose(chat)
        if not wa_id and moved and self._hides(title, phone, chat):
            # WhatsApp answered our own question with this person's chat, and shows no number of it.
            wa_id = phone.lstrip("+")
            self.on_hidden(title, wa_id)
        if not wa_id or not agrees(phone, wa_id):
            return None
        self.titles[title] = wa_id
        self.current = OpenChat(title, wa_id, chat_identity.username_in_title(title))
        return self._address(phone, self.current)

    def _hides(self, title: str, phone: str, chat: dict[str, Any]) -> bool:
        """Is this a person's chat, by its box and its card, and the card of one without a number?"""
        person = chat_identity.kind_of(chat, self._selectors) is Kind.PERSON
        card = self._card
        alone = card.kind == "person" and not card.numbers
        return person and alone and chat_identity.may_hide(title, phone)

    @staticmethod
    def _address(phone: str, chat: OpenChat) -> Address:
        return Address(phone, chat.wa_id, username=chat.username)

    def _whose(self, chat: dict[str, Any]) -> str:
        """The digits of the open chat's number: from its title, its rows or the contact's drawer.

        An unsaved contact's title is the number, between marks that set its direction. Older builds carry
        it in the rows' ids. A saved contact's title is a name, which may itself look like a number; then
        the drawer behind the header decides.
        """
        self._card = NO_CARD
        number = chat_identity.number_in_title(chat["title"])
        many = chat_identity.may_be_many(chat, self._selectors)
        if number and not many and chat["title"].strip() != strip_marks(chat["title"]):
            return number
        for row in chat["rows"]:
            legacy = LEGACY_ID.match(row["id"])
            if legacy:
                return legacy[2]
        self._card = self._read_card(quick=bool(number))
        unsaid = many and self._card.kind != "person"
        self.adopted_many = unsaid or self._card.kind in ("group", "channel")
        # The page may have gone on to another chat since: then it was that one's drawer.
        still = strip_marks(self._page.ask("chat")["title"]) == strip_marks(chat["title"])
        if not still or self.adopted_many:
            self._card = NO_CARD
            return ""
        return self._card.digits_beside(chat["title"]) or number

    def _read_card(self, *, quick: bool) -> Card:
        """The card behind the header; closed again. One that is there has its number within moments."""
        self._page.click("chat_header")
        limit = time.monotonic() + (QUICK_SECONDS if quick else DRAWER_SECONDS)
        card = chat_identity.card_of(self._page.ask("drawer"))
        while not (card.numbers or card.kind in ("group", "channel")) and time.monotonic() < limit:
            if card.there:
                limit = min(limit, time.monotonic() + QUICK_SECONDS)
            card = chat_identity.card_of(self._page.wait(0.2, "drawer"))
        if card.there and not self._page.click("drawer_close"):
            self._page.key("Escape")
        return card

    def _still_open(self) -> bool:
        arrival = self._page.ask("arrival", ARRIVAL)
        self._check_link(arrival["screen"])
        here = (
            self.current is not None and strip_marks(arrival["chat"]["title"]) == self.current.title
        )
        self.arrived = arrival
        return here and "box" in arrival["screen"]

    def _check_link(self, screen: dict[str, dict[str, str]]) -> None:
        """Stop at once when the page shows that the link is gone; passing banners are waited for."""
        screens.dismiss(self._page, screen)
        if "conflict" in screen or ("link_screen" in screen and "pane" not in screen):
            opened = screens.classify(screen)
            if opened is not None:
                raise LinkLost(opened.reason or reasons.LOGGED_OUT, opened.link)


def _is_chat(screen: dict[str, dict[str, str]]) -> bool:
    """Is a chat open, with its box or with what stands in its place?"""
    there = any(name in screen for name in ("box", "barrier"))
    return there and "starting_chat" not in screen


def _we_wrote(rows: Sequence[dict[str, Any]]) -> bool:
    """Does a message of ours stand in this chat?"""
    return any(row["id"].startswith(SENT_HERE) for row in rows)
