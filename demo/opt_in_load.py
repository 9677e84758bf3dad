"""People who agree on a public page, for locust: each fills it in and opens the page of their request.

Everybody comes from an address of their own, so the server must trust one proxy (BLU_PROXIES=1). By hand:

    locust -f demo/opt_in_load.py --headless -u 40 -r 40 -t 30s --host http://127.0.0.1:8000

with the path of the page in BLU_OPT_IN_PAGE. `manage.py bench optin` does all of it where locust is installed.
"""

import os
import random

from locust import FastHttpUser, task

PAGE = os.environ["BLU_OPT_IN_PAGE"]
SEEN = 302


class Person(FastHttpUser):
    """Somebody with a number and an address of the network that nobody else has."""

    @task
    def agrees(self) -> None:
        """The form, and what it leads to."""
        address = ".".join(str(random.randrange(1, 255)) for _part in range(4))
        phone = f"11 9{random.randrange(10**8):08}"
        heads = {"X-Forwarded-For": address}
        form = {"name": "Lúcia Prado", "phone": phone, "agree": "on"}
        with self.client.post(
            PAGE,
            data=form,
            headers=heads,
            allow_redirects=False,
            catch_response=True,
            name="submission",
        ) as answer:
            if answer.status_code != SEEN:
                answer.failure(f"status {answer.status_code}")
                return
            answer.success()
            asked = answer.headers["Location"]
        self.client.get(asked, headers=heads, name="what follows")
