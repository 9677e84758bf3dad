"""The language of a person's e-mails: that of the pages they last read."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from blu.accounts.models import User, current_language


class LanguageMiddleware:
    """Stores the language in which a signed-in user reads the pages, for their e-mails."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """One statement where they read in another language than before, none otherwise."""
        reader, language = request.user, current_language()
        if isinstance(reader, User) and reader.language != language:
            User.objects.filter(pk=reader.pk).update(language=language)
            reader.language = language
        return self.get_response(request)


def of_reader(reader: User | str) -> translation.override:
    """Translate what its block renders into the language of this user, or of the user with this address.

    An unknown address gets the current language: that of the person who acts.
    """
    if not isinstance(reader, User):
        known = User.objects.filter(email__iexact=reader).first()
        return translation.override(known.language if known else current_language())
    return translation.override(reader.language)
