"""Pages of a list that never counts its rows: there is a next page while the present one is full."""

from typing import Any

from unfold import paginator

# OFFSET walks over every row before the page, so nobody may ask for the hundred-thousandth one.
MOST_PAGES = 200


class InfinitePaginator(paginator.InfinitePaginator):  # Unfold's templates ask for this very name
    """As Unfold's paginator without a COUNT(*), and with a last page that is still quick."""

    @property
    def num_pages(self) -> int:
        """As many as may be asked for."""
        return MOST_PAGES

    def validate_number(self, number: Any) -> int:
        """Beyond the last page is the last page."""
        return min(int(super().validate_number(number)), MOST_PAGES)
