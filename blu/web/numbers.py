"""Numbers as Brazilians read them: 1.249 and 0,5 %."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format

NBSP = "\N{NO-BREAK SPACE}"


def grouped(value: float | Decimal, places: int = 0) -> str:
    """`value` with grouped thousands in the current language: 1249 → 1.249."""
    return number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)


def percent(part: float, whole: float) -> str:
    """The share as text, empty when there is no whole.

    One decimal below 1 %. Something is never shown as nothing, nor almost all as all: that
    difference is what people look for.
    """
    if not whole:
        return ""
    share = Decimal(part) * 100 / Decimal(whole)
    if 0 < share < 1:
        tenths = share.quantize(Decimal("0.1"), ROUND_HALF_UP)
        return f"{grouped(max(tenths, Decimal('0.1')), 1)}{NBSP}%"
    rounded = share.quantize(Decimal(1), ROUND_HALF_UP)
    if rounded == 100 and part < whole:
        rounded = Decimal(99)
    return f"{grouped(rounded)}{NBSP}%"


def capped(value: int, most: int = 99) -> str:
    """A count for a small round mark: 7, 99, 99+."""
    return f"{most}+" if value > most else grouped(value)
