"""One settings file, read from the environment only.

With `DATABASE_URL` unset (trial and tests) the secrets and the embedded PostgreSQL's address come
from `var/trial.json`, made on first use by `blu.ops.dev_secrets`. Production sets every secret itself;
`manage.py check --deploy` and the checks of each app refuse what must not run there.
"""

import gc
import os
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from blu.ops import clusters, dev_secrets, logs
from blu.support import theme
from blu.text import network

# Until all models are there (blu.ops.apps): nothing loaded is garbage; looking took an eighth of a start.
gc.disable()
env = environ.Env()

# Every process of ours reads this file first: what it writes is its user's alone.
os.umask(0o077)

BASE = Path(__file__).resolve().parent.parent
VAR = Path(env.str("BLU_VAR", default=str(BASE / "var"))).resolve()
# What several nodes must all see: uploaded and exported files, archived homes.
SHARED = Path(env.str("BLU_SHARED", default=str(VAR))).resolve()
HOME_STORAGE = env.str("BLU_HOME_STORAGE", default=str(SHARED / "home-archives"))
NODE = env.str("NODE", default="a")
HOST = env.str("BLU_HOST", default="127.0.0.1")
PORT = env.int("BLU_PORT", default=8000)
SIMULATOR_PORT = env.int("BLU_SIMULATOR_PORT", default=PORT + 100)

# A trial is on the simulator, without TLS or mail; where no database is named, with the embedded one.
EMBEDDED_DATABASE = "DATABASE_URL" not in env.ENVIRON
TRIAL = env.bool("BLU_TRIAL", default=EMBEDDED_DATABASE)
DEBUG = env.bool("DEBUG", default=False)
_secrets = dev_secrets.secrets(VAR) if EMBEDDED_DATABASE else {}

SECRET_KEY = env.str("SECRET_KEY", default=_secrets.get("secret_key", ""))
ENCRYPTION_KEYS = env.list(
    "BLU_ENCRYPTION_KEYS", default=[_secrets["encryption_key"]] if _secrets else []
)
# Never changed: under it the numbers of who was erased are known again (contacts.stops.hashed).
ERASURE_KEY = env.str("BLU_ERASURE_KEY", default=_secrets.get("encryption_key", ""))
del _secrets  # the passwords of other roles are no process's to keep
PUBLIC_URL = env.str("BLU_PUBLIC_URL", default=f"http://{HOST}:{PORT}")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", HOST] if TRIAL else []
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL])

# What speaks to WhatsApp. The simulator is for trial, tests and benchmarks: sessions.checks
# refuses it elsewhere.
SIMULATOR_URL = env.str(
    "BLU_SIMULATOR_URL", default=f"http://127.0.0.1:{SIMULATOR_PORT}" if EMBEDDED_DATABASE else ""
)
WHATSAPP_WEB_URL = SIMULATOR_URL or "https://web.whatsapp.com"
BROWSER = env.str("BLU_BROWSER", default="")
SELECTORS = env.str("BLU_SELECTORS", default="")
# A trial may be run as root, where Chromium has no sandbox; before real WhatsApp somebody must say so.
BROWSER_WITHOUT_SANDBOX = env.bool("BLU_BROWSER_WITHOUT_SANDBOX", default=bool(SIMULATOR_URL))
# Least and most seconds a message takes through the simulated transport, to rehearse a browser's pace.
SIMULATED_DELAY = (
    env.float("BLU_SIMULATED_DELAY_LEAST", default=0.0),
    env.float("BLU_SIMULATED_DELAY_MOST", default=0.0),
)
# Who does what lower rooms only declare: the ledger for drives, codes for opt-ins, what was written for people's own pages.
OUTBOX = "campaigns.ledger.outbox.LedgerOutbox"
OPT_IN_MESSENGER = "campaigns.notices.opt_in_codes.OptInMessenger"
CORRESPONDENCE = "campaigns.reports.correspondence.with_contact"
TIME_SCALE = env.float("BLU_TIME_SCALE", default=1.0)
SLOTS = env.int("BLU_SLOTS", default=2)
HOST_PROCESSES = env.int("BLU_HOST_PROCESSES", default=os.cpu_count() or 1)  # of direct links
VISIT_SECONDS = env.int("BLU_VISIT_SECONDS", default=240)  # then it makes room for another session
PAIRING_SLOTS = 2  # one business may have all of them but one
# Bytes that must be free for a browser to be opened; below half of them an open one is closed in time.
LEAST_FREE = env.int("BLU_LEAST_FREE_MB", default=200) * 1024**2

INSTALLED_APPS = [
    "blu",
    "blu.ops",
    "blu.web",
    "blu.support",
    "blu.accounts",
    "contacts",
    "sessions.apps.SessionsConfig",
    "campaigns",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.simple_history",
    "blu.support.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_q",
    "simple_history",
    "pgtrigger",
    "csp",
]

MIDDLEWARE = [
    "blu.db.outage.DatabaseOutageMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "blu.web.middleware.no_nul.NoNulMiddleware",
    "blu.accounts.request_size.BodyMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "blu.web.middleware.private.PrivateMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "blu.web.safe_redirects.WayBackMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "blu.accounts.middleware.KeptRequestMiddleware",
    "blu.accounts.languages.LanguageMiddleware",
    "blu.accounts.middleware.BusinessMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "blu.urls"
WSGI_APPLICATION = "blu.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "blu.home.context_processors.shell",
            ],
        },
    }
]

# Which role a process connects as is its URL's matter; in trial BLU_DATABASE_ROLE says it:
# migrations and tests run as blu_owner, everything else as a role that owns no table.
_database_url = env.str("DATABASE_URL", default="") or dev_secrets.database_url(
    VAR, env.str("BLU_DATABASE_ROLE", default="blu_web")
)
DATABASES = {"default": env.db_url_config(_database_url)}
DATABASES["default"].update({"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True})
# On where pages are served (blu.wsgi): then nothing of a connection may outlast its transaction.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = False
# Dead peers are noticed in seconds, so that nobody waits for a database that is gone.
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "connect_timeout": 5,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
    }
)
DEVICE_STORE_URL = env.str("BLU_DEVICE_STORE_URL", default="")  # of blu_store
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["blu.accounts.backends.PersonBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("home")
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "blu.accounts.forms.SignupForm"
ACCOUNT_FORMS = {"reset_password": "blu.accounts.password_resets.CountedResetForm"}
# Limits beside allauth's own (allauth.account.app_settings.RATE_LIMITS), which has `login`. The limit per IP address
# comes first, so that one of them makes few counts of e-mail addresses. What ends in `_here` or is a failed sign-in
# counts an e-mail address as one network tries it: alone it is counted far higher, or any stranger would lock its owner
# out (blu.accounts.adapter, blu.accounts.password_resets).
ACCOUNT_RATE_LIMITS = {
    "signup": "10/m/ip,60/d/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "login_failed_anywhere": "100/h/key",
    "reset_password_here": "3/m/key,5/d/key",
    "reset_password": "20/m/ip,100/d/ip,30/d/key",
    "confirm_email": "1/3m/key,10/d/key",
    "manage_email": "10/m/user,30/d/user",
}
ACCOUNT_ADAPTER = "blu.accounts.adapter.AccountAdapter"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Who signs up with a known address sees what everybody sees, and its owner gets a mail. Only mandatory
# verification can hide it (allauth.account.internal.flows.manage_email.assess_unique_email).
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_VERIFICATION = env.str(
    "BLU_EMAIL_VERIFICATION", default="optional" if TRIAL else "mandatory"
)
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = network.IPV6_PREFIX
# How many proxies stand before us: attempts to sign in are counted per visitor, not as the proxy's own.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("BLU_PROXIES", default=0)
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if TRIAL else "https"
# What could take an account over asks for the password, or a factor, of the last five minutes.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "blu.accounts.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "blu.accounts.second_step.CountedAuthenticateForm",
    "reauthenticate": "blu.accounts.second_step.CountedReauthenticateForm",
    "login_webauthn": "blu.accounts.passkey_forms.LoginForm",
    "reauthenticate_webauthn": "blu.accounts.passkey_forms.ReauthenticateForm",
    "add_webauthn": "blu.accounts.passkey_forms.AddForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A code that changed while it was typed still counts (RFC 6238, section 5.2).
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = TRIAL
# Each cache has a table of its own, so that nothing a page keeps can push out what is counted.
CACHES = {
    "default": {"BACKEND": "blu.db.limits_cache.LimitsCache", "LOCATION": "blu_limits"},
    "pages": {
        "BACKEND": "blu.db.signed_cache.PagesCache",
        "LOCATION": "blu_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
}

# Only a trial writes mails into a folder; elsewhere they hold links that open accounts.
MAIL_IS_SET = bool(env.str("EMAIL_URL", default=""))
EMAIL_CONFIG = env.email_url(
    "EMAIL_URL", default=f"filemail:///{VAR / 'mail'}" if TRIAL else "smtp://localhost:25"
)
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 20  # seconds a mail server may take for each of its answers
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="blü <nao-responda@blu.local>")

LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", _("Português (Brasil)")), ("en", _("Inglês"))]
# Who chooses a language finds it again for a year on the same device.
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE / "blu" / "locale"]
TIME_ZONE = "America/Sao_Paulo"
USE_I18N = USE_TZ = True
FORMAT_MODULE_PATH = "blu.web.formats"
USE_THOUSAND_SEPARATOR = False  # ids stand in templates too; the filter |number groups

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE / "static"]
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TRIAL
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": SHARED / "uploads", "base_url": None},
    },
    # What carries a browser session's link, encrypted, for the node that takes over from a dead one.
    "homes": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": HOME_STORAGE,
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"
        if TRIAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# What isn't a file; blu.accounts.request_size refuses a longer body before it is read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
SECURE_SSL_REDIRECT = env.bool("BLU_HTTPS", default=not TRIAL)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT
SECURE_HSTS_SECONDS = 0 if TRIAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not TRIAL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if not TRIAL else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["blu.accounts.api.IsMember"],
    "DEFAULT_PAGINATION_CLASS": "blu.accounts.api.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PARSER_CLASSES": [
        "blu.accounts.api.BoundedJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["blu.accounts.api.PerPerson"],
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "blü",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["blu.accounts.api.IsMember"],
}

Q_CLUSTER = clusters.settings(
    node=NODE, slots=SLOTS, pairing_slots=PAIRING_SLOTS, visit_seconds=VISIT_SECONDS
)

UNFOLD = theme.UNFOLD

LOGGING_CONFIG = None
logs.configure(level=env.str("BLU_LOG_LEVEL", default="INFO"), json=not TRIAL)
