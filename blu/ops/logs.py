"""Logging through structlog: events with plain fields, never names, phones or texts of people."""

import logging
import logging.config
import re
import sys

# structlog loads it wherever it is installed, to draw tracebacks in colour: a tenth of the start of every
# process, for what no log of ours shows.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]

import structlog  # noqa: E402

if not sys.modules["rich"]:
    del sys.modules["rich"]

# Whoever reads one of these can use it, for days: Django tells the address of each refusal.
_KEYS = re.compile(
    r"(/(?:p|convite|aceite/pedido|conta/(?:senha/nova|email/(?:confirmar|desfazer)))/)[^/\s]+"
)


def without_keys(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A processor: no address in the event's words holds the key of a link."""
    event["event"] = _KEYS.sub(r"\1…", str(event["event"]))
    return event


# PostgreSQL adds whole rows to its errors, and lines of what was copied; mail servers say whom they refuse.
_ROWS = re.compile(
    r"\n(?:DETAIL|CONTEXT):.*?(?=\n\n(?:The above|During)| : Traceback|\Z)", re.DOTALL
)
# Bounded, so that no long word is looked through from each of its letters (RFC 5321, section 4.5.3.1).
_MAILBOXES = re.compile(r"[^\s@<>'\"(\[{:]{1,64}@[^\s@<>'\")\]},:;]{1,255}")
_NUMBERS = re.compile(r"\+[1-9]\d{9,14}\b")


def without_people(text: str) -> str:
    """The words of an error without what it tells of people: rows, mailboxes, numbers."""
    return _NUMBERS.sub("+…", _MAILBOXES.sub("…@…", _ROWS.sub("", text)))


def without_people_in_errors(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A processor: no traceback and no words of an event tell of people."""
    for name in ("event", "exception", "error"):
        if isinstance(words := event.get(name), str):
            event[name] = without_people(words)
    return event


_SHARED: list[structlog.typing.Processor] = [
    without_keys,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    without_people_in_errors,
]


def configure(*, level: str, json: bool) -> None:
    """Send Django's and our own logs to stderr: readable lines in trial, JSON in production."""
    renderer = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processor": renderer,
        "foreign_pre_chain": _SHARED,
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"plain": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
            "root": {"handlers": ["stderr"], "level": level},
            # It tells of every task, and a probe is one every few seconds.
            "loggers": {"django-q": {"level": "WARNING"}},
        }
    )
