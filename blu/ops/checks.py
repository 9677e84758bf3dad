"""What production needs and only the environment can give; `check --deploy` names what is missing."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.http.request import validate_host

from blu.ops import environment

# Django asks for as many letters in its own warning.
KEY_LEAST = 50
ERASURE_KEY_LEAST = 32
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def deploy_is_complete(**_kwargs: Any) -> Sequence[checks.CheckMessage]:
    """An error for each variable that production can't be run without."""
    if settings.EMBEDDED_DATABASE:
        return [_error(1, "DATABASE_URL is not set: this is a trial.", "Set it, as blu_web.")]
    return [_error(*found) for found in _missing()]


def sandbox_is_there(**_kwargs: Any) -> Sequence[checks.CheckMessage]:
    """Whether a browser renders what strangers write without a sandbox, or isn't opened at all."""
    if not settings.SLOTS:
        return []
    if settings.BROWSER_WITHOUT_SANDBOX:
        words = "BLU_BROWSER_WITHOUT_SANDBOX is set: what strangers write is rendered unprotected."
        return [_error(10, words, "Unset it, and run blü as a user who may make namespaces.")]
    if os.geteuid() == 0:
        return [_error(11, "Browsers are not opened as root.", "Run blü as a user of its own.")]
    return []


def statements_end(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> Sequence[checks.CheckMessage]:
    """Whether the web's role cancels what takes too long; `check --deploy --database default` asks."""
    if not databases or settings.TRIAL:
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        (timeout,) = cursor.fetchone()
    if timeout != "0":
        return []
    hint = "ALTER ROLE blu_web SET statement_timeout = '15s';"
    return [_error(12, "The role of DATABASE_URL has no statement_timeout.", hint)]


def commits_are_kept(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> Sequence[checks.CheckMessage]:
    """Whether a database that fails keeps each press that it has answered: what it forgets goes out again.

    `check --deploy --database default` asks.
    """
    if not databases or settings.TRIAL:
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'off' ORDER BY name",
            [["fsync", "full_page_writes", "synchronous_commit"]],
        )
        found = ", ".join(name for (name,) in cursor.fetchall())
    if not found:
        return []
    words = f"The database runs without {found}: what it forgets when it fails would be sent twice."
    return [_error(17, words, "Switch them on, as they are by default.")]


def _missing() -> Iterator[tuple[int, str, str]]:
    """(number, what is wrong, what to do) of each missing setting."""
    for number, is_well, words, hint in _NEEDED:
        if not is_well():
            yield number, words, hint


def _has_secret_key() -> bool:
    try:
        return len(settings.SECRET_KEY) >= KEY_LEAST
    except ImproperlyConfigured:
        return False


def _has_encryption_keys() -> bool:
    try:
        return bool([Fernet(key) for key in settings.ENCRYPTION_KEYS])
    except ValueError:
        return False


def _has_public_url() -> bool:
    address = urlsplit(settings.PUBLIC_URL)
    return address.scheme == "https" and address.hostname not in (None, "127.0.0.1", "localhost")


def _has_allowed_hosts() -> bool:
    hosts = settings.ALLOWED_HOSTS
    if not hosts or "*" in hosts:
        return False
    # The other variable has its own line where it is missing.
    host = urlsplit(settings.PUBLIC_URL).hostname
    return not _has_public_url() or validate_host(str(host), hosts)


def _has_mail_server() -> bool:
    return bool(settings.MAIL_IS_SET and settings.EMAIL_BACKEND == SMTP and settings.EMAIL_HOST)


def _has_urls_of(name: str) -> Callable[[], bool]:
    def has() -> bool:
        url = os.environ.get(name, "")
        return bool(url) and url != os.environ.get("DATABASE_URL")

    return has


_NEEDED: tuple[tuple[int, Callable[[], bool], str, str], ...] = (
    (
        2,
        _has_secret_key,
        f"SECRET_KEY is missing or has less than {KEY_LEAST} letters.",
        "Set a long random one, the same on every node: openssl rand -base64 48",
    ),
    (
        3,
        _has_encryption_keys,
        "BLU_ENCRYPTION_KEYS is missing, or not all of them are Fernet keys.",
        "Set one, the same on every node: openssl rand -base64 32 | tr +/ -_",
    ),
    (
        4,
        _has_mail_server,
        "EMAIL_URL is missing, or names no mail server: nobody gets a link to confirm or to reset.",
        "Set it, as in smtp+tls://user:password@mail.example.com:587",
    ),
    (
        5,
        lambda: not settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("blu.local"),
        "DEFAULT_FROM_EMAIL is missing: mails would come from an address that nobody has.",
        "Set it, as in blü <nao-responda@example.com>",
    ),
    (
        6,
        _has_public_url,
        "BLU_PUBLIC_URL is missing or not https: links in mails would lead nowhere.",
        "Set it, as in https://blu.example.com",
    ),
    (
        7,
        _has_allowed_hosts,
        "ALLOWED_HOSTS is missing, allows any host, or not that of BLU_PUBLIC_URL.",
        "Set it to the host of BLU_PUBLIC_URL.",
    ),
    (
        8,
        _has_urls_of(environment.JOBS),
        f"{environment.JOBS} is missing: long jobs would end at the pages' statement_timeout.",
        "Set it to the same database, as blu_jobs.",
    ),
    (
        9,
        _has_urls_of(environment.OWNER),
        f"{environment.OWNER} is missing: the role of the pages would own the tables.",
        "Set it to the same database, as blu_owner.",
    ),
    (
        15,
        lambda: not settings.DEVICE_STORE_URL or _has_urls_of(environment.HOSTS)(),
        f"{environment.HOSTS} is missing: a lock would hold up the hosts of direct links.",
        "Set it to the same database, as blu_host.",
    ),
    (
        16,
        lambda: len(settings.ERASURE_KEY) >= ERASURE_KEY_LEAST,
        f"BLU_ERASURE_KEY is missing or has less than {ERASURE_KEY_LEAST} letters.",
        "Set a long random one, the same on every node and for ever: openssl rand -base64 48",
    ),
    (
        18,
        # Whoever speaks TLS to visitors stands before us.
        lambda: settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0,
        "BLU_PROXIES is missing: attempts would be counted as the proxy's, all visitors' together.",
        "Set it to the number of proxies before gunicorn, each of which sets X-Forwarded-For.",
    ),
    (
        13,
        lambda: not settings.DEBUG,
        "DEBUG is on: errors would show strangers our settings.",
        "Unset it.",
    ),
    (
        14,
        lambda: not settings.TRIAL,
        "BLU_TRIAL is on: neither TLS nor a confirmed address would be asked for.",
        "Unset it.",
    ),
)


def _error(number: int, words: str, hint: str) -> checks.CheckMessage:
    return checks.Error(words, hint=hint, id=f"blu.E{number:03}")
