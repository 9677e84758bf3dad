"""In which language a person is written to: the one in which they last read a page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from blu.accounts.models import User, current_language


class LanguageMiddleware:
    """Notes the language of the pages that somebody signed in reads, for the mails that go to them."""

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
    """Makes whatever is said in its block be said for this person, or for who has this address.

    An address of nobody's is written to in the language of now: that of who had it written.
    """
    if not isinstance(reader, User):
        known = User.objects.filter(email__iexact=reader).first()
        return translation.override(known.language if known else current_language())
    return translation.override(reader.language)
