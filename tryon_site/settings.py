"""All settings, each read from the environment once. `.env.example` lists every variable."""

from __future__ import annotations

import os
import secrets
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
env.read_env(BASE_DIR / ".env")

# What the installation stores: database, photos, the engine's cache. Outside of any web root.
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)


def _local_secret() -> str:
    """A secret made on first use, so that a fresh clone runs; production sets SECRET_KEY."""
    path = VAR_DIR / "secret-key"
    if not path.exists():
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(fd, secrets.token_urlsafe(50).encode())
            os.close(fd)
        except FileExistsError:
            pass
    return path.read_text()


DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or _local_secret()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", "").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_filters",
    "django_q",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "providers",
    "portal",
    "catalog",
    "jobs",
    "galleries",
    "privacy",
    "review",
    "reports",
    "webhooks",
    "notifications",
    "api",
    # After all rooms whose permissions its roles contain.
    "users",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "users.access.StaffOnlyMiddleware",
    "users.access.AllauthErrorsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "tryon_site.urls"
WSGI_APPLICATION = "tryon_site.wsgi.application"
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
                "portal.context_processors.theme",
            ],
        },
    }
]

# --- Database -------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", f"sqlite:///{VAR_DIR / 'toile.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Without these three, parallel workers lose writes to "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # The queue's broker closes old connections on every call; reconnecting costs a factor of 15.
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Compiling a page's query was measured to take longer than running it, up to a second.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Figures that are cached for a minute, and the number of sign-in attempts.
CACHES = {"default": env.cache("CACHE_URL", "locmemcache://")}

# --- Files ----------------------------------------------------------------------------------

MEDIA_ROOT = VAR_DIR / "media"
# A bucket of any S3-compatible object storage instead of the folder; private in any case.
S3_BUCKET = env.str("S3_BUCKET", "")
_S3_REGION = env.str("S3_REGION", "us-east-1")
_S3_ENDPOINT = env.str("S3_ENDPOINT_URL", f"https://s3.{_S3_REGION}.amazonaws.com").rstrip("/")
_S3_STYLE = env.str("S3_ADDRESSING_STYLE", "virtual")
_BUCKET: dict[str, Any] = {
    "BACKEND": "catalog.storage.object_storage.ObjectStorage",
    "OPTIONS": {
        "bucket_name": S3_BUCKET,
        "endpoint_url": _S3_ENDPOINT,
        "region_name": _S3_REGION,
        "access_key": env.str("S3_ACCESS_KEY", "") or None,
        "secret_key": env.str("S3_SECRET_KEY", "") or None,
        "addressing_style": _S3_STYLE,
    },
}
# Where a browser finds the bucket's pictures, for the content security policy.
_BUCKET_ORIGIN = (
    _S3_ENDPOINT.replace("://", f"://{S3_BUCKET}.", 1) if _S3_STYLE == "virtual" else _S3_ENDPOINT
)
# What the public may fetch: labelled renditions of published results and nothing else. A folder;
# or a bucket of its own that its policy lets everybody read; or, without that, a prefix of the
# private bucket, which this site then reads for its visitors.
PUBLIC_ROOT = VAR_DIR / "public"
S3_PUBLIC_BUCKET = env.str("S3_PUBLIC_BUCKET", "")
S3_PUBLIC_URL = env.str("S3_PUBLIC_URL", "").rstrip("/")
if S3_PUBLIC_BUCKET and not S3_PUBLIC_URL:
    S3_PUBLIC_URL = (
        _S3_ENDPOINT.replace("://", f"://{S3_PUBLIC_BUCKET}.", 1)
        if _S3_STYLE == "virtual"
        else f"{_S3_ENDPOINT}/{S3_PUBLIC_BUCKET}"
    )
_PUBLIC_BUCKET = {
    "BACKEND": "catalog.storage.object_storage.PublicBucket",
    "OPTIONS": {
        **_BUCKET["OPTIONS"],
        "bucket_name": S3_PUBLIC_BUCKET or S3_BUCKET,
        "location": "" if S3_PUBLIC_BUCKET else "public",
        "base_url": S3_PUBLIC_URL,
    },
}
_IN_BUCKET = bool(S3_PUBLIC_BUCKET or S3_BUCKET)
STORAGES = {
    "default": _BUCKET if S3_BUCKET else {"BACKEND": "catalog.storage.files.PrivateStorage"},
    "public": _PUBLIC_BUCKET if _IN_BUCKET else {"BACKEND": "catalog.storage.files.PublicStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
FILE_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000

# --- Accounts and languages -----------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LANGUAGE_COOKIE_AGE = 31_536_000
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "tryon_site.formats"
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_TZ = True

# --- E-mail ---------------------------------------------------------------------------------

# Notifications are shown in the portal, and sent by e-mail as well if this is set.
NOTIFY_BY_EMAIL = env.bool("NOTIFY_BY_EMAIL", False)
NOTIFY_LANGUAGE = env.str("NOTIFY_LANGUAGE", LANGUAGE_CODE)
_EMAIL = env.email_url("EMAIL_URL", "smtp://localhost:25")
EMAIL_BACKEND = _EMAIL["EMAIL_BACKEND"]
EMAIL_HOST = _EMAIL["EMAIL_HOST"] or ""
EMAIL_PORT = _EMAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _EMAIL["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _EMAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _EMAIL.get("EMAIL_USE_SSL", False)
# A silent server must not hold up the queue.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "toile@localhost")

# --- Signing in: portal and app, docs/api.md ------------------------------------------------

# Whether anybody may make an account for the app, as a shopper (docs/roles.md).
SIGN_UP = env.bool("SIGN_UP", False)
# Whether an address must be verified by mail before its owner can sign in.
SIGN_UP_VERIFY_EMAIL = env.bool("SIGN_UP_VERIFY_EMAIL", bool(env.str("EMAIL_URL", "")))
APP_TOKEN_DAYS = env.int("APP_TOKEN_DAYS", 90)
# The portal has its own page; the app has tokens, and needs no cookie.
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ["app"]
HEADLESS_TOKEN_STRATEGY = "users.app_tokens.AppTokenStrategy"  # noqa: S105
# Codes are typed into the app, so these two are all that a mail links to.
_APP_URL = env.str("APP_URL", "") or PUBLIC_BASE_URL or "/"
HEADLESS_FRONTEND_URLS = {"account_signup": _APP_URL, "account_reset_password": _APP_URL}
ACCOUNT_ADAPTER = "users.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# Codes need this value; users/adapter.py decides who has to verify.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
# Without mails, a sign-up form must say at once that the address is taken.
ACCOUNT_PREVENT_ENUMERATION = SIGN_UP_VERIFY_EMAIL or not SIGN_UP
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "10/h/ip",
    "reset_password": "10/h/ip,3/h/key",
}
# How many proxies in front add the address that they saw to X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", int(env.bool("BEHIND_PROXY", False)))
MFA_TOTP_ISSUER = env.str("PUBLIC_NAME", "Toile").strip()
# Where no mails are sent, no address is ever verified.
MFA_ALLOW_UNVERIFIED_EMAIL = True
USERSESSIONS_TRACK_ACTIVITY = True

# --- Security -------------------------------------------------------------------------------

# One switch for everything that only makes sense behind TLS.
HTTPS = env.bool("HTTPS", PUBLIC_BASE_URL.startswith("https://"))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if env.bool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "img-src": [
            SELF,
            "data:",
            *([_BUCKET_ORIGIN] if S3_BUCKET else []),
            *(["{0.scheme}://{0.netloc}".format(urlsplit(S3_PUBLIC_URL))] if S3_PUBLIC_URL else []),
        ],
        "style-src": [SELF],
        "script-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Review ---------------------------------------------------------------------------------


def _rule(name: str) -> bool | str:
    """Return True or False; any other text stays, counts as on, and fails a system check."""
    text = env.str(name, "").strip().lower()
    values = {"true": True, "yes": True, "on": True, "1": True}
    return (values | dict.fromkeys(("", "false", "no", "off", "0"), False)).get(text, text)


# A user who launched it may not approve it.
REVIEW_FOUR_EYES = _rule("REVIEW_FOUR_EYES")
# Two reviewers must say the same; where they differ, a third decides.
REVIEW_SECOND_OPINION = _rule("REVIEW_SECOND_OPINION")

# --- Webhooks: docs/webhooks.md -------------------------------------------------------------

# For development: http, any port and this machine's own addresses may be called as well.
WEBHOOK_ALLOW_LOCAL = _rule("WEBHOOK_ALLOW_LOCAL")

# --- AI labels: docs/labelling.md -----------------------------------------------------------

# Published and exported images always have the mark in their metadata; this one is visible.
AI_LABEL_VISIBLE = env.bool("AI_LABEL_VISIBLE", True)
AI_LABEL_TEXT = env.str("AI_LABEL_TEXT", "AI generated").strip()
# Who made it, as GB 45438 names it: a registered code, or a name in ASCII without spaces.
AI_LABEL_PRODUCER = env.str("AI_LABEL_PRODUCER", "Toile").strip()
AI_LABEL_CREDIT = env.str("AI_LABEL_CREDIT", "Made with AI").strip()
# The name at the head of the public pages.
PUBLIC_NAME = env.str("PUBLIC_NAME", "Toile").strip()
# Widths in pixels of what the public gets of a published image; none above its own.
PUBLIC_WIDTHS = sorted(env.list("PUBLIC_WIDTHS", int, [320, 480, 800, 1200, 1600]))

# --- API: docs/api.md -----------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.framework.authentication.AppToken"],
    # Of any view that is no `Api`, which has rules and rates of its own.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    # A rate of its own for each kind of request, by user, or by address before signing in.
    "DEFAULT_THROTTLE_RATES": {
        "read": "600/min",
        "write": "120/min",
        "upload": "60/min",
        "tryon": "30/min",
        **env.json("API_RATES", {}),
    },
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "DEFAULT_PARSER_CLASSES": ["api.framework.parsers.Json"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["api.framework.filters.Filters"],
    "DEFAULT_PAGINATION_CLASS": "api.framework.pagination.Pages",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "api.openapi.schema.Schema",
    "EXCEPTION_HANDLER": "api.framework.problems.answer",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Toile",
    "VERSION": "1",
    "DESCRIPTION": "Virtual try-on: docs/api.md tells what holds everywhere, and how to sign in.",
    "SERVERS": [{"url": "/api/v1"}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SCHEMA_PATH_PREFIX_TRIM": True,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "Body": "catalog.models.Person.Body",
        "ConsentScope": "catalog.models.Person.Consent",
        "Gender": "catalog.models.Person.Gender",
        "View": "catalog.models.Person.View",
        "Verdict": "catalog.models.Asset.Verdict",
        "PhotoType": "catalog.models.Garment.PhotoType",
        "Slot": "catalog.models.Garment.Slot",
        "JobState": "jobs.models.TryOnJob.State",
        "Review": "jobs.models.Result.Review",
        "CancelOutcome": "api.resources.jobs.OUTCOMES",
        "Severity": "api.resources.photos.SEVERITIES",
        "Access": "galleries.models.Gallery.Access",
        "GalleryState": "galleries.models.Gallery.State",
        "Priority": "jobs.models.Batch.Priority",
        "Reason": "review.models.Decision.Reason",
        "Subject": "api.resources.preflight.SUBJECTS",
        "PhotoKind": "api.resources.preflight.KINDS",
        "WebhookEvent": "webhooks.endpoints.EVENTS",
        "DeliveryState": "webhooks.models.WebhookDelivery.State",
        "DisabledWhy": "webhooks.models.WebhookEndpoint.DisabledReason",
        "ImageType": "api.resources.uploads.CONTENT_TYPES",
    },
    "ENUM_SUFFIX": "",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.openapi.components.complete",
        "api.openapi.allauth_schema.add_auth",
    ],
}
# What a shopper may launch each day, unless an administrator gives them another quota.
SHOPPER_DAILY_TRYONS = env.int("SHOPPER_DAILY_TRYONS", 20)
_budget = env.str("SHOPPER_DAILY_BUDGET", "20")
SHOPPER_DAILY_BUDGET = Decimal(_budget) if _budget else None
# The provider of shoppers' try-ons, by its alias; the first that is offered, where none is named.
SHOPPER_PROVIDER = env.str("SHOPPER_PROVIDER", "")

# --- Providers ------------------------------------------------------------------------------

# How a provider gets our images: it fetches them from here (signed) or from the bucket
# (object-storage). An alias may have a DELIVERY of its own.
IMAGE_DELIVERY = env.str("IMAGE_DELIVERY", "object-storage" if S3_BUCKET else "signed")

CORES = env.int("CORES", len(os.sched_getaffinity(0)))

PROVIDERS = {
    "local": {
        "BACKEND": "providers.local.adapter.Local",
        "OPTIONS": {"cache_dir": str(VAR_DIR / "engine"), "cores": CORES},
    },
    "dashscope": {
        "BACKEND": "providers.dashscope.adapter.DashScope",
        "OPTIONS": {
            "api_key": env.str("DASHSCOPE_API_KEY", ""),
            "base_url": env.str("DASHSCOPE_BASE_URL", "https://dashscope.aliyuncs.com/api/v1"),
            "workspace": env.str("DASHSCOPE_WORKSPACE_ID", ""),
            # Without a public address the provider cannot fetch from us: hand the images over.
            "delivery": env.str(
                "DASHSCOPE_DELIVERY",
                IMAGE_DELIVERY if PUBLIC_BASE_URL or S3_BUCKET else "dashscope-upload",
            ),
        },
        # By model, in place of the list prices of the adapter; keys: providers/pricing.py.
        "PRICES": env.json("DASHSCOPE_PRICES", {}),
    },
    "aliyun-market": {
        "BACKEND": "providers.aliyun_market.adapter.AliyunMarket",
        "DELIVERY": env.str("ALIYUN_MARKET_DELIVERY", IMAGE_DELIVERY),
        "OPTIONS": {
            "appcode": env.str("ALIYUN_MARKET_APPCODE", ""),
            "base_url": env.str("ALIYUN_MARKET_BASE_URL", ""),
            "inference_mode_names": env.list(
                "ALIYUN_MARKET_INFERENCE_MODE_NAMES", default=["inferenceMode", "inference_mode"]
            ),
        },
        "PRICES": env.json("ALIYUN_MARKET_PRICES", {}),
    },
    "aidge": {
        "BACKEND": "providers.aidge.adapter.Aidge",
        "DELIVERY": env.str("AIDGE_DELIVERY", IMAGE_DELIVERY),
        "OPTIONS": {
            "app_key": env.str("AIDGE_APP_KEY", ""),
            "app_secret": env.str("AIDGE_APP_SECRET", ""),
            "base_url": env.str("AIDGE_BASE_URL", "https://api.aidc-ai.com"),
            "trial": env.bool("AIDGE_TRIAL", False),
        },
        "PRICES": env.json("AIDGE_PRICES", {}),
    },
}

# The secret end of /hooks/dashscope/<secret>, where EventBridge may report finished tasks.
DASHSCOPE_PUSH_SECRET = env.str("DASHSCOPE_PUSH_SECRET", "")

# --- Background work ------------------------------------------------------------------------

# One image may take this long in the engine before its worker is stopped.
ENGINE_TIMEOUT_S = env.int("ENGINE_TIMEOUT_S", 60)
# A lane's lock starts at prefetch: retry must exceed four timeouts (DESIGN.md, section 7).
_LANE = {"bulk": 1, "max_attempts": 1, "ack_failures": True, "catch_up": False, "poll": 0.1}
Q_CLUSTER_NAME = env.str("Q_CLUSTER_NAME", "toile")
Q_CLUSTER = {
    **_LANE,
    "name": "toile",
    "label": _("Queue"),
    "orm": "default",
    "workers": 2,
    "queue_limit": 2,
    "timeout": 90,
    "retry": 90 * 4 + 30,
    "save_limit": 100,
    "ALT_CLUSTERS": {
        "media": {
            **_LANE,
            "workers": CORES,
            "queue_limit": CORES,
            "timeout": ENGINE_TIMEOUT_S,
            "retry": ENGINE_TIMEOUT_S * 4 + 30,
            "recycle": 200,
            "max_rss": 1_000_000,
        }
    },
}
if env.bool("RUN_TASKS_INLINE", False):
    Q_CLUSTER["sync"] = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        # A line for every task says nothing that the history does not.
        "django-q": {"level": "WARNING"},
        # It logs addresses with their queries, which may hold secrets.
        "urllib3": {"level": "ERROR"},
    },
}
