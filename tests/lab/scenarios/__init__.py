"""The scenarios, one file a chapter; importing them registers them with record.py."""
from scenarios import browser, construct, healthy, life, looker, mixed, more, plain, vendors  # noqa: F401
