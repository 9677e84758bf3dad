"""What an answer may be, and the codes that say why."""

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """What is to be done with an answer."""

    STOP = "stop"
    RETURN = "return"
    HOLD = "hold"
    MESSAGE = "message"


class Reason(StrEnum):
    """Why an answer is read as it is; put into words where it is shown."""

    STOP_WORD = "stop_word"
    STOP_WISH = "stop_wish"
    FOOTER = "footer"
    RETURN_WORD = "return_word"
    RETURN_WISH = "return_wish"
    UNKNOWN_SENDER = "unknown_sender"
    OTHER_PERSON = "other_person"
    DEATH = "death"
    THREAT = "threat"
    ANGER = "anger"
    COMPLAINT = "complaint"
    UNCLEAR = "unclear"
    MIXED = "mixed"
    OTHER_OBJECT = "other_object"
    APPOINTMENT = "appointment"
    PLAIN = "plain"
    # Of no reading: the message holds a code of contacts.optin.
    OPT_IN = "opt_in"


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer is, and why."""

    answer: Answer
    reason: Reason
