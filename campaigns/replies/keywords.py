"""What an answer asks of us: to stop, to come back, a person's look, or nothing. Pure rules.

A stop that is overlooked and an answer wrongly taken for one are the faults that count, so what fits no
rule and holds a stop word, a negated wish or a removal goes to a person.

Asked by campaigns.replies.hearing, which knows the context and limits the length.
"""

from campaigns.replies import doubts, lone_words, wishes
from campaigns.replies.negations import Finding
from campaigns.replies.reasons import Answer, Reading, Reason
from campaigns.replies.sentences import Sentence, plain, sentences
from campaigns.replies.stop_words import STOPS
from campaigns.replies.vocabulary import Kind

# The newest message in that chat was about an appointment, where "CANCELAR" means the appointment.
_APPOINTMENT = ("appointment", "reminder")


def reading(text: str, context: str = "") -> Reading:
    """How an answer is read; `context` is the kind of the newest message in that chat: "news" or "appointment"."""
    appointment = context in _APPOINTMENT
    said = plain(text)
    rest = lone_words.FOOTER.sub("\n", said)
    if rest != said:
        return _beside_a_footer(rest, appointment=appointment)
    reading = _read(said, appointment=appointment)
    if reading.reason is Reason.PLAIN and _would_stop(said, appointment=appointment):
        return Reading(Answer.HOLD, Reason.UNCLEAR)
    return reading


def _would_stop(said: str, *, appointment: bool) -> bool:
    """Whether a plain answer asked to stop if some short word were misspelt."""
    thoughts = sentences(said, mend=True)
    slips = any(
        not word.sure and word.text in STOPS for thought in thoughts for word in thought.words
    )
    return slips or _read(said, appointment=appointment, mend=True).answer is Answer.STOP


def _beside_a_footer(rest: str, *, appointment: bool) -> Reading:
    """Our own last line sent back is a stop by itself; with a wish of its own beside it the wish counts."""
    found = sentences(rest)
    if all(word.is_a(Kind.POLITE, Kind.FILLER) for sentence in found for word in sentence.words):
        return Reading(Answer.STOP, Reason.FOOTER)
    reading = _read(rest, appointment=appointment)
    return Reading(Answer.HOLD, Reason.MIXED) if reading.answer is Answer.MESSAGE else reading


def _read(said: str, *, appointment: bool, mend: bool = False) -> Reading:
    thoughts = sentences(said, mend=mend)
    only = lone_words.alone(thoughts, appointment=appointment)
    if only:
        return only
    found = [
        each for thought in thoughts for each in wishes.findings(thought, appointment=appointment)
    ]
    found += [
        _as_finding(thought) for thought in thoughts if lone_words.alone_in_a_sentence(thought)
    ]
    found = _with_complaint(thoughts, found)
    return _weighed(said, thoughts, found)


def _as_finding(thought: Sentence) -> Finding:
    return (
        Finding.STOP if lone_words.alone_in_a_sentence(thought) is Answer.STOP else Finding.UNCLEAR
    )


def _with_complaint(thoughts: list[Sentence], found: list[Finding]) -> list[Finding]:
    """ "Já pedi para parar": who asked before and says so asks again."""
    complaint = any(thought.has(Kind.COMPLAINT) for thought in thoughts)
    if complaint and any(_stops(thought) for thought in thoughts) and Finding.OTHER not in found:
        return [Finding.STOP if each is Finding.UNCLEAR else each for each in found]
    return found


def _stops(thought: Sentence) -> bool:
    return any(word.text in STOPS for word in thought.words)


def _weighed(said: str, thoughts: list[Sentence], found: list[Finding]) -> Reading:
    """What all that was found comes to: a stop outweighs a doubt, and a doubt everything else."""
    if Finding.BACK in found and doubts.regrets(said):
        return Reading(Answer.RETURN, Reason.RETURN_WISH)
    if Finding.STOP in found:
        mixed = Finding.BACK in found or Finding.WANTS in found or doubts.slipped(said)
        return (
            Reading(Answer.HOLD, Reason.MIXED) if mixed else Reading(Answer.STOP, Reason.STOP_WISH)
        )
    other = Finding.OTHER in found
    about_others = other or any(thought.has(Kind.OTHER, Kind.DEED) for thought in thoughts)
    why = doubts.doubt(said, about_others=about_others)
    if why and not (why is Reason.UNCLEAR and Finding.BACK in found):
        return Reading(Answer.HOLD, why)
    if Finding.BACK in found or (Finding.WANTS in found and doubts.regrets(said)):
        return _returned(thoughts, found)
    if not other and (
        Finding.UNCLEAR in found or (not about_others and any(map(_stops, thoughts)))
    ):
        return Reading(Answer.HOLD, Reason.UNCLEAR)
    return Reading(Answer.MESSAGE, Reason.OTHER_OBJECT if other else Reason.PLAIN)


def _returned(thoughts: list[Sentence], found: list[Finding]) -> Reading:
    """A wish to come back, unless it is a question ("pode voltar a mandar?")."""
    if Finding.BACK in found and any(thought.asked for thought in thoughts):
        return Reading(Answer.HOLD, Reason.UNCLEAR)
    return Reading(Answer.RETURN, Reason.RETURN_WISH)
