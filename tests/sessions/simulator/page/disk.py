"""What the simulator's page has on its own disk: the chats and messages that it draws."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.eventually import eventually

ALL = """async (name) => {
  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await settled(indexedDB.open("model-storage"));
  const all = await settled(database.transaction(name).objectStore(name).getAll());
  database.close();
  return Object.fromEntries(all.map((one) => [one.id, one]));
}"""

Values = dict[str, Any]


def messages(page: Page) -> dict[str, Values]:
    """All messages by id."""
    return dict(page.evaluate(ALL, "message"))


def chats(page: Page) -> dict[str, Values]:
    """All chats by id."""
    return dict(page.evaluate(ALL, "chat"))


def message(page: Page, message_id: str, **values: Any) -> Values:
    """The message once it is there with these values."""
    return eventually(lambda: _with(messages(page).get(message_id), values))


def chat(page: Page, chat_id: str, **values: Any) -> Values:
    """The chat once it is there with these values."""
    return eventually(lambda: _with(chats(page).get(chat_id), values))


def _with(found: Values | None, values: Values) -> Values:
    return found if found is not None and found | values == found else {}
