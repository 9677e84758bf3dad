"""Gathers the marked strings into the catalogues and compiles them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from blu.ops import translations


class Command(BaseCommand):
    """`manage.py messages`: write blu/locale/*/LC_MESSAGES/django.po and .mo from the sources."""

    help = (
        "gather marked strings into the catalogues, keep translations, compile (no gettext needed)"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """`--missing` lists what has no translation yet."""
        parser.add_argument("--missing", action="store_true", help="list what is not translated")

    def handle(self, *_args: Any, **options: Any) -> None:
        """One line for each catalogue."""
        for language in translations.LANGUAGES:
            written = translations.write(language)
            missing = translations.untranslated(written)
            self.stdout.write(
                f"{language.code}: {len(written)} strings, {len(missing)} untranslated"
            )
            for message in missing if options["missing"] else []:
                self.stdout.write(f"  {message.id!r}")
