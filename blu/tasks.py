"""Every worker entry point, as urls.py is for the web: it wires, and the apps do the work.

A task is a hint. Each of these finds in the database what is due, so running it twice, late or not
at all changes nothing that `blu.dispatch.dispatcher` does not mend.
"""

import os
from functools import partial

import structlog
from django.conf import settings

from blu.jobs import isolated_step, liveness_probe
from blu.jobs.queue import StopAsked
from blu.ops import dev_secrets
from campaigns import lifecycle
from campaigns.alerts import emails
from campaigns.ledger import snapshot
from campaigns.ledger.due import WORK
from campaigns.reports import export_sheet
from contacts.imports import answer_sheet, job, problem_sheet
from contacts.retention import nightly
from contacts.spreadsheets import limits
from contacts.takeout import services as takeouts
from sessions.driving import visit as visits
from sessions.driving.retrying_outbox import RetryingOutbox
from sessions.linking import closing
from sessions.linking import job as pairing
from sessions.outbox import make_outbox

log = structlog.get_logger()


def run_import(import_id: int) -> None:
    """jobs: read one spreadsheet into contacts, going on where a killed worker stopped."""
    step = partial(job.run_import, import_id)
    try:
        isolated_step.run(
            step, memory=limits.IMPORT_MEMORY_BYTES, seconds=limits.IMPORT_CPU_SECONDS
        )
    except isolated_step.TooMuch:
        job.refuse_too_big(import_id)


def export_problems(import_id: int, language: str) -> None:
    """jobs: write the spreadsheet of the rows that an import left out."""
    step = partial(problem_sheet.export, import_id, language)
    try:
        isolated_step.run(
            step, memory=limits.IMPORT_MEMORY_BYTES, seconds=limits.IMPORT_CPU_SECONDS
        )
    except isolated_step.TooMuch:
        problem_sheet.give_up(import_id, language)


def export_answers(import_id: int, language: str) -> None:
    """jobs: write a list's people with a column to fill in who agreed."""
    step = partial(answer_sheet.export, import_id, language)
    try:
        isolated_step.run(
            step, memory=limits.IMPORT_MEMORY_BYTES, seconds=limits.IMPORT_CPU_SECONDS
        )
    except isolated_step.TooMuch:
        answer_sheet.give_up(import_id, language)


def take_snapshot(campaign_id: int) -> int:
    """jobs: freeze a launching campaign's audience and let it run."""
    recipients = snapshot.take(campaign_id)
    log.info("snapshot_taken", campaign=campaign_id, recipients=recipients)
    return recipients


def cancel_rows(campaign_id: int) -> int:
    """jobs: move what a cancelled campaign had still queued."""
    return lifecycle.cancel_rows(campaign_id)


def export_campaign(campaign_id: int, language: str) -> None:
    """jobs: write the spreadsheet of a campaign's recipients."""
    export_sheet.export(campaign_id, language)


def forget_old(run_id: int) -> bool:
    """jobs: forget what is older than a business keeps things."""
    return nightly.run(run_id)


def export_business(business_id: int) -> None:
    """jobs: write all of a business into one sealed file."""
    takeouts.make(business_id)


def close_business(closing_id: int) -> bool:
    """jobs: delete a whole business, once its accounts are unlinked."""
    return closing.run(closing_id)


def mail_alert(alert_id: int) -> bool:
    """jobs: e-mail the owners of a session that needs them."""
    return emails.mail_owners(alert_id)


def visit() -> str:
    """browser: a ticket: one visit of the next session for which something is due."""
    done = visits.visit(outbox=RetryingOutbox(make_outbox()), work=WORK, stop=StopAsked())
    log.info("visit", session=done.session, outcome=done.outcome, sent=done.sent)
    return done.outcome


def pair() -> str:
    """pairing: a ticket: the next attempt to link an account that waits for this node."""
    status = pairing.pair(stop=StopAsked())
    log.info("pairing", status=status)
    return status


def answer_probe(token: str) -> None:
    """Any cluster: proves to the watch of its node that its workers answer."""
    liveness_probe.answer(dev_secrets.run_folder(settings.VAR), os.environ["Q_CLUSTER_NAME"], token)
