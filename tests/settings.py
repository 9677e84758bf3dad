"""blü's settings for the suite: nothing from the caller's environment, a database of its own.

The variables are set before blu.settings reads them. BLU_TEST_VAR is set by the first process of a
run and inherited by xdist's workers, so that all use one embedded PostgreSQL (tests/conftest.py).
"""

import os
import tempfile

KEPT = ("BLU_TEST_VAR", "BLU_BROWSER")
for name in list(os.environ):
    if (name.startswith("BLU_") and name not in KEPT) or name in ("DATABASE_URL", "NODE", "DEBUG"):
        del os.environ[name]
if "BLU_TEST_VAR" not in os.environ:
    os.environ["BLU_TEST_VAR"] = tempfile.mkdtemp(prefix="blu-test-")
os.environ["BLU_VAR"] = os.environ["BLU_TEST_VAR"]
# Tests create databases, and empty tables between transactional tests, as only their owner may.
os.environ["BLU_DATABASE_ROLE"] = "blu_owner"
os.environ["BLU_LOG_LEVEL"] = "WARNING"
# As root, in many containers, a browser has no sandbox; those of tests see nothing foreign.
os.environ["BLU_BROWSER_WITHOUT_SANDBOX"] = "1"
# Each browser has a driver of its own, whose program is compiled once.
os.environ["NODE_COMPILE_CACHE"] = os.path.join(os.environ["BLU_TEST_VAR"], "node")

import axe_playwright_python

from blu.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A connection kept by a test's thread would outlive the test and block the next flush.
DATABASES["default"]["CONN_MAX_AGE"] = 0
# What looks at pages is asked for like their own scripts: a browser then keeps it from one page to the next.
STATICFILES_DIRS = [*STATICFILES_DIRS, ("axe", os.path.dirname(axe_playwright_python.__file__))]  # type: ignore[list-item]
# The rows of each worker's database have the numbers of the others' rows: so what is kept of them lies apart.
for _kept, _files in {"default": "uploads", "homes": "home-archives"}.items():
    _worker = os.environ.get("PYTEST_XDIST_WORKER", "blu")
    STORAGES[_kept]["OPTIONS"]["location"] = SHARED / _worker / _files  # type: ignore[index]  # of Django
# Nothing is collected: as in any trial, files are taken from where they are written.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
