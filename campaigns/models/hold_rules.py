"""How long a hold lasts, and the question whether one is open, as the triggers and the claim ask it."""

from datetime import UTC, datetime, timedelta

# When a held row goes, as long as nobody has decided: as good as never, and a moment that Python can hold.
NEVER = datetime(9000, 1, 1, tzinfo=UTC)
# A decision may be taken back for so long, and nothing goes out meanwhile.
SETTLES_AFTER = timedelta(minutes=10)
# What is queued under a hold that nobody decided for so long is skipped.
WAITS = timedelta(days=7)


def held(business: str, keys: str, more: str = "") -> str:
    """The condition, in SQL, that a hold is open for one of `keys`, an array of text.

    `more` narrows it, over the row `hold`.
    """
    return f"""EXISTS (
        SELECT 1 FROM public.campaigns_hold hold
         WHERE hold.business_id = {business} AND hold.key = ANY({keys}) AND hold.done_at IS NULL{more})"""


def held_since(business: str, keys: str) -> str:
    """Since when a hold is open for one of `keys`, in SQL; null where none is."""
    return f"""(
        SELECT min(hold.at) FROM public.campaigns_hold hold
         WHERE hold.business_id = {business} AND hold.key = ANY({keys}) AND hold.done_at IS NULL)"""
