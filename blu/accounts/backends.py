"""The person who is signed in, looked up together with their memberships: each page needs both."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from blu.accounts.models import User
from blu.accounts.tenancy import memberships_of


class PersonBackend(AuthenticationBackend):
    """Signs in by e-mail address, as allauth does."""

    def get_user(self, user_id: Any) -> User | None:
        """The person of a web session with their memberships, by one statement for who has any."""
        memberships = memberships_of(user_id)
        person: User | None = memberships[0].user if memberships else super().get_user(user_id)
        if person is None or not self.user_can_authenticate(person):
            return None
        person.known_memberships = memberships
        return person
