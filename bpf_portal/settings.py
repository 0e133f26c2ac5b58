"""Settings of the portal: everything that differs between machines comes from the environment.

`docs/operations.md` lists the variables. Without `DATABASE_URL` and `REDIS_URL` the addresses are
those of the embedded servers under `BPF_VAR`; importing this module starts nothing.
"""

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlparse

import bootstrap_wrapper
import django_stubs_ext
import environ
import pghistory
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from bpf_portal import embedded

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

VAR = Path(env.str("BPF_VAR", default="") or BASE_DIR / "var").resolve()
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)


def _secret_key() -> str:
    """The key from the environment, else this installation's own, made once under `BPF_VAR`.

    Several machines that serve one portal need the same key and set `SECRET_KEY`.
    """
    given = env.str("SECRET_KEY", default="")
    if given:
        return given
    VAR.mkdir(parents=True, exist_ok=True)
    stored = VAR / "secret-key"
    try:
        descriptor = os.open(stored, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return stored.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return stored.read_text().strip()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "bpf_portal.core",
    "accounts",
    "applications",
    "reviews",
    # Not Unfold's default configuration: it would put its own site in the place of ours.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "bpf_portal.apps.PortalAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "pghistory",
    "pgtrigger",
    "csp",
]

MIDDLEWARE = [
    "bpf_portal.core.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "bpf_portal.core.middleware.PageCompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "bpf_portal.core.middleware.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    # After the language, to say it in words; before anything that reads the body.
    "bpf_portal.core.uploads.RequestSizeMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.RefusedFormMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bpf_portal.core.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "bpf_portal.urls"
WSGI_APPLICATION = "bpf_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bpf_portal.core.context_processors.portal",
            ],
        },
    }
]

# --- data ---------------------------------------------------------------------------------------
_embedded = embedded.addresses(VAR)
DATABASES = {
    "default": {
        **env.db_url("DATABASE_URL", default=_embedded.database_url),
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
    }
}
REDIS_URL = env.str("REDIS_URL", default="") or _embedded.redis_url
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "bpf",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    },
    # What is the same for everybody for a few seconds: each process keeps its own, so that the
    # public page needs neither the database nor Redis in the rush before a deadline.
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "TIMEOUT": 15,
        "OPTIONS": {"MAX_ENTRIES": 50},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Sessions live in the database: nobody is signed out because Redis went away.
SESSION_ENGINE = "django.contrib.sessions.backends.db"

CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://") if REDIS_URL.startswith("unix") else REDIS_URL
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A page that says "now" asks an absent Redis once and goes on: the sweeper finds the row anyway.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "max_retries": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Celery would close the database connection after every task; `celery.py` does it by CONN_MAX_AGE.
CELERY_DB_REUSE_MAX = sys.maxsize
CELERY_TIMEZONE = "Europe/Luxembourg"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "bpf_portal.core.tasks.sweep", "schedule": 20.0},
    "remind": {"task": "applications.tasks.remind", "schedule": 300.0},
    "sweep_uploads": {"task": "applications.tasks.sweep_uploads", "schedule": 600.0},
    "clear sessions": {"task": "bpf_portal.core.tasks.clear_sessions", "schedule": 3600.0},
    "ask registers": {"task": "applications.tasks.ask_registers", "schedule": 300.0},
    "changed lists": {"task": "applications.tasks.look_for_changed_lists", "schedule": 3600.0},
    "ask renewals": {"task": "reviews.tasks.ask_renewals", "schedule": 3600.0},
    "lapse corrections": {"task": "applications.tasks.lapse_corrections", "schedule": 300.0},
}

# --- files --------------------------------------------------------------------------------------
MEDIA_ROOT = VAR / "media"
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
# The package carries Bootstrap's files beside its module, not as a Django app.
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap", bootstrap_wrapper.get_bootstrap_dir()),
]
STORAGE_URL = env.str("STORAGE_URL", default="")


def _file_storage() -> dict[str, object]:
    """Where uploaded and issued files live: a folder, or `s3://bucket/prefix?endpoint=…`."""
    if not STORAGE_URL:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    url = urlparse(STORAGE_URL)
    if url.scheme != "s3":
        raise ImproperlyConfigured("STORAGE_URL must look like s3://bucket/prefix?endpoint=…")
    query = dict(parse_qsl(url.query))
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": url.netloc,
            "location": url.path.lstrip("/"),
            "endpoint_url": query.get("endpoint"),
            "querystring_auth": True,
            "file_overwrite": False,
        },
    }


STORAGES = {
    "default": _file_storage(),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "bpf_portal.core.static.HashedStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
CLAMAV_URL = env.str("CLAMAV_URL", default="")
# Company registers; an empty one is not asked.
VIES_URL = env.str("VIES_URL", default="")
LBR_URL = env.str("LBR_URL", default="")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
LETTER_KEY = env.str("LETTER_KEY", default="")
MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
# One request, a form with several files: more is refused before it is read.
MAX_REQUEST_BYTES = 5 * MAX_DOCUMENT_BYTES
# Of a file that arrives in pieces: each piece, and all that one person has under way.
MAX_PIECE_BYTES = 4 * 1024 * 1024
MAX_OPEN_UPLOADS = 30
MAX_OPEN_UPLOAD_BYTES = 15 * MAX_DOCUMENT_BYTES
FILE_UPLOAD_HANDLERS = [
    "bpf_portal.core.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o640

# --- languages and time -------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "Europe/Luxembourg"

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupDetails"
ACCOUNT_FORMS = {
    "login": "accounts.allauth_forms.LoginForm",
    "signup": "accounts.allauth_forms.SignupForm",
    "add_email": "accounts.allauth_forms.AddEmailForm",
    "change_password": "accounts.allauth_forms.ChangePasswordForm",
    "set_password": "accounts.allauth_forms.SetPasswordForm",
    "reset_password": "accounts.allauth_forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.allauth_forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.allauth_forms.ReauthenticateForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "BPF: "
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if DEBUG or DEMO else "https"
MFA_ADAPTER = "accounts.adapter.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "accounts.allauth_forms.SecondStepForm",
    "reauthenticate": "accounts.allauth_forms.SecondStepAgainForm",
    "activate_totp": "accounts.allauth_forms.ActivateTOTPForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Business Partnership Facility"

# --- mail ---------------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default="Business Partnership Facility <bpf@example.org>"
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where people find the portal: links in mails that no request stands behind.
#: Days for which a check made as of its own day is good for an award or a contract.
CHECK_VALID_DAYS = env.int("CHECK_VALID_DAYS", default=14)
PORTAL_URL = env.str("PORTAL_URL", default=f"http://localhost:{env.int('PORT', default=8000)}")

# --- security -----------------------------------------------------------------------------------
SECURE_COOKIES = not (DEBUG or DEMO)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=SECURE_COOKIES)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 63_072_000 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "bpf_portal.core.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

# --- forms, admin -------------------------------------------------------------------------------
CRISPY_ALLOWED_TEMPLATE_PACKS = ["bootstrap5", "unfold_crispy"]
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False
MESSAGE_TAGS = {10: "secondary", 20: "info", 25: "success", 30: "warning", 40: "danger"}
UNFOLD = {
    "SITE_TITLE": _("BPF portal"),
    "SITE_HEADER": _("Business Partnership Facility"),
    "SITE_SUBHEADER": "LuxDev",
    "SITE_URL": "/",
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "reviews.admin.dashboard.dashboard",
    "ENVIRONMENT": "reviews.admin.dashboard.environment",
    "STYLES": ["reviews.admin.dashboard.stylesheet"],
    "SIDEBAR": {
        "show_search": False,
        "command_search": False,
        "show_all_applications": False,
        "navigation": "reviews.admin.navigation.sidebar",
    },
}

# --- history, triggers --------------------------------------------------------------------------
PGHISTORY_APPEND_ONLY = True
PGHISTORY_DEFAULT_TRACKERS = (
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
)
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# --- logs ---------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processors": "ext://bpf_portal.core.logs.RENDER",
            "foreign_pre_chain": "ext://bpf_portal.core.logs.SHARED",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "pikepdf": {"level": "WARNING"},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
