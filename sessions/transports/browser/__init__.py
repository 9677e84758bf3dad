"""WhatsApp Web in a real Chromium, driven by Playwright."""

from sessions.transports.browser.transport import BrowserTransport

__all__ = ["BrowserTransport"]
