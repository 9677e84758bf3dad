"""How many rows of a kind a business may have: what its pages show whole is limited where rows are made."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise


class Limited(models.Model):
    """A kind of which a business has at most MOST rows; FULL is the sentence that says so.

    Forms of the model say it beside what was typed; whoever makes a row otherwise asks
    `refuse_another` first. `save` keeps the limit also where nobody asked.
    """

    MOST: ClassVar[int]
    FULL: ClassVar[Promise]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse a row above the limit, whoever saves it."""
        self._refuse_if_new()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a row above the limit, with a sentence for forms."""
        super().clean()
        self._refuse_if_new()

    @classmethod
    def refuse_another(cls, business_id: int) -> None:
        """Raise ValidationError where the business has as many as it may have."""
        rows: Any = cls._default_manager  # each subclass has the field
        if rows.filter(business=business_id).count() >= cls.MOST:
            raise ValidationError(cls.FULL % {"most": cls.MOST}, code="full")

    def _refuse_if_new(self) -> None:
        business_id: int | None = getattr(self, "business_id", None)
        if self._state.adding and business_id is not None:
            self.refuse_another(business_id)
