"""`manage.py import_contacts FILE`: a spreadsheet into a business, or what that would do."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from blu.accounts.models import Business
from contacts.imports.declarations import Declaration
from contacts.imports.uploads import import_file
from contacts.models import Import, Source, Topic
from contacts.spreadsheets.dry_run import dry_run
from contacts.spreadsheets.refusals import FileRefused
from contacts.spreadsheets.rows import TOLD_BY_STOPS


class Command(BaseCommand):
    """Import a file, or report on it without touching any database."""

    help = "Imports a spreadsheet of contacts, or with --dry-run says what importing it would do."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE, and either --dry-run or --business."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="Write nothing; needs no database."
        )
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")
        parser.add_argument(
            "--area-code", default="", help="For numbers without one (dry run only)."
        )
        parser.add_argument("--business", metavar="SLUG", help="Import into this business.")
        parser.add_argument(
            "--topic", help="What the people agreed to; created where there is none."
        )
        parser.add_argument("--source", default=Source.PAPER, choices=dict(Source.declared()))
        parser.add_argument("--wording", default="", help="What the people read when they agreed.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 when the file is refused or can't be imported."""
        file: Path = options["file"]
        if not file.is_file():
            raise CommandError(f"there is no file {file}")
        if options["dry_run"]:
            self._dry_run(file, options)
        elif options["business"]:
            self._import(file, options)
        else:
            raise CommandError("say --dry-run, or --business SLUG to import into")

    def _dry_run(self, file: Path, options: dict[str, Any]) -> None:
        report = dry_run(file, today=timezone.localdate(), area_code=options["area_code"])
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
        else:
            self.stdout.write(
                report["error"]
                or f"rows_total={report['rows_total']} imported={report['imported']}"
                f" duplicates={report['duplicates']} errors={len(report['errors'])}"
                f" warnings={len(report['warnings'])}"
            )
        if not report["ok"]:
            raise SystemExit(1)

    def _import(self, file: Path, options: dict[str, Any]) -> None:
        business = Business.objects.filter(slug=options["business"]).first()
        if business is None:
            raise CommandError(f"there is no business {options['business']!r}")
        try:
            done = import_file(
                business=business, path=file, declaration=_declaration(business, options)
            )
        except FileRefused as refused:
            raise CommandError(str(refused)) from None
        if done.status != Import.Status.DONE:
            raise CommandError(f"{done.status}: {done.refusal}")
        counts = ("imported", "updated", "unchanged", "duplicates", "errors", "granted")
        report = {name: getattr(done, name) for name in counts}
        report["asked_to_leave"] = done.problems.filter(reason__in=TOLD_BY_STOPS).count()
        line = " ".join(f"{name}={value}" for name, value in report.items())
        self.stdout.write(json.dumps(report) if options["json"] else line)


def _declaration(business: Business, options: dict[str, Any]) -> Declaration | None:
    """None without --topic: then no consent is recorded."""
    if not options["topic"]:
        return None
    if not options["wording"].strip():
        raise CommandError("--topic grants consent and so needs --wording: what the people read")
    topic = Topic.objects.filter(business=business, name__iexact=options["topic"]).first()
    topic = topic or Topic.objects.create(business=business, name=options["topic"])
    return Declaration(topic, options["source"], options["wording"])
