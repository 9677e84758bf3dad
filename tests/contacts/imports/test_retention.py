"""An upload that nobody wants goes, with its file and what was read of it."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from blu.dispatch import dispatcher
from contacts.imports import retention
from contacts.imports.job import run_import
from contacts.imports.retention import discard_import
from contacts.imports.uploads import NotNow, receive_upload, start_import
from contacts.models import Import
from tests.factories import make_business, make_membership

pytestmark = pytest.mark.django_db
Status = Import.Status


@pytest.fixture
def sent(owner, tmp_path: Path, monkeypatch):
    """A spreadsheet that waits to be checked."""
    monkeypatch.setattr("contacts.imports.uploads.queue.enqueue", lambda *_a, **_k: None)
    path = tmp_path / "lista.csv"
    path.write_text("Nome;Telefone\nAna;(11) 98765-4321\n")
    upload = receive_upload(business=owner.business, path=path, name="lista.csv", actor=owner.user)
    run_import(upload.pk)
    upload.refresh_from_db()
    assert upload.status == Status.UPLOADED
    return upload


@pytest.fixture
def discard(client, django_capture_on_commit_callbacks):
    def now(found):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(f"/importacoes/{found.pk}/descartar/", follow=True)

    return now


def test_a_discarded_upload_leaves_neither_file_nor_rows(client, sent, discard):
    assert f'data-opens="descartar-{sent.pk}"' in client.get("/importacoes/").content.decode()
    page = discard(sent).content.decode()
    assert "Planilha descartada." in page
    assert "lista.csv" not in page
    assert not default_storage.exists(sent.stored_as)
    sent.refresh_from_db()
    assert (sent.status, sent.findings) == (Status.DISCARDED, {})
    assert client.get(f"/importacoes/{sent.pk}/").url.endswith("/importacoes/")
    assert client.get(f"/importacoes/{sent.pk}/conferir/").status_code == 302


def test_a_file_that_is_still_being_read_can_be_discarded(sent, discard, monkeypatch):
    Import.objects.update(status=Status.READING)

    def read_and_lose(_found, _path):
        discard(sent)

    monkeypatch.setattr("contacts.imports.job.read_file", read_and_lose)
    run_import(sent.pk)
    sent.refresh_from_db()
    assert sent.status == Status.DISCARDED


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.DONE, Status.FAILED])
def test_what_was_started_cannot_be_discarded(sent, discard, status):
    Import.objects.update(status=status)
    discard(sent)
    sent.refresh_from_db()
    assert sent.status == status
    assert default_storage.exists(sent.stored_as)


def test_a_discarded_upload_cannot_be_started(sent, owner):
    discard_import(upload=sent)
    with pytest.raises(NotNow):
        start_import(upload=sent, actor=owner.user)


def test_who_only_looks_discards_nothing(client, sent, discard, owner):
    client.force_login(make_membership(owner.business, role="viewer").user)
    assert "descartar" not in client.get("/importacoes/").content.decode()
    assert discard(sent).status_code == 403


def test_another_business_upload_is_not_found(sent, discard):
    Import.objects.update(business=make_business())
    assert discard(sent).status_code == 404
    assert default_storage.exists(sent.stored_as)


def test_an_upload_is_forgotten_after_a_week_without_anybody(
    sent, django_capture_on_commit_callbacks
):
    for days, gone in ((6, 0), (8, 1)):
        Import.objects.update(enqueued_at=timezone.now() - timedelta(days=days))
        with django_capture_on_commit_callbacks(execute=True):
            assert dispatcher.tidy_forgotten_imports() == gone
        assert default_storage.exists(sent.stored_as) is not bool(gone)
    sent.refresh_from_db()
    assert sent.status == Status.DISCARDED


@pytest.mark.parametrize("status", [Status.READING, Status.UPLOADED])
def test_an_upload_that_somebody_comes_back_to_just_now_is_not_forgotten(sent, monkeypatch, status):
    Import.objects.update(enqueued_at=timezone.now() - timedelta(days=8))
    real = retention.discard_import

    def late(**asked):
        Import.objects.update(status=status, enqueued_at=timezone.now())
        real(**asked)

    monkeypatch.setattr(retention, "discard_import", late)
    assert dispatcher.tidy_forgotten_imports() == 0
    sent.refresh_from_db()
    assert sent.status == status
