"""A browser of somebody who works in a business: tests say its pages by what stands after the slug."""

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client as DjangoClient
from django.urls import Resolver404, resolve

from blu.accounts.models import User


def of_business(slug: str, path: str) -> str:
    """The address of a business's page that is said without its slug; any other address as it is."""
    whole = f"/n/{slug}{path}"
    return whole if slug and not _is_there(path) and _is_there(whole) else path


def slug_of(user: User) -> str:
    """That of the business to which somebody has belonged longest; "" for who belongs to none."""
    membership = user.memberships.select_related("business").order_by("id").first()
    return membership.business.slug if membership else ""


def _is_there(address: str) -> bool:
    try:
        resolve(address.split("?", maxsplit=1)[0])
    except Resolver404:
        return False
    return True


class Client(DjangoClient):
    """`client.get("/contatos/")` asks for that page of the business of who is signed in.

    A test of two businesses, or of the address itself, says the whole of it: `business.address("contact_list")`.
    """

    slug = ""

    def force_login(self, user: Any, backend: str | None = None) -> None:
        """Django's; from now on pages are those of this person's business."""
        super().force_login(user, backend)
        self.slug = slug_of(user)

    def generic(  # type: ignore[override]  # its options are Django's
        self, method: str, path: str, *args: Any, **options: Any
    ) -> Any:
        """Django's, at the whole address."""
        if not _is_there(path):
            path = of_business(self.slug or self._signed_in_by_form(), path)
        return super().generic(method, path, *args, **options)

    def _signed_in_by_form(self) -> str:
        """The slug of who signed in as people do; "" for nobody."""
        if settings.SESSION_COOKIE_NAME not in self.cookies:
            return ""
        person = User.objects.filter(pk=self.session.get(SESSION_KEY)).first()
        self.slug = slug_of(person) if person else ""
        return self.slug
