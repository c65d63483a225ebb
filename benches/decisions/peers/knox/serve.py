"""Tokens of django-rest-knox behind gunicorn, on SQLite.

    python serve.py FOLDER TOKENS ACCOUNTS

Makes that many tokens in FOLDER, writes the whole tokens into FOLDER/tokens, one a line, prints its address, and answers
200 or 401 to `Authorization: Token TOKEN` until its input ends. The settings are those that the packages come with, but
for the write-ahead log and connections to the database that stay open.
"""

import os
import secrets
import socket
import sys
import threading
from datetime import timedelta
from pathlib import Path

import django
from django.conf import settings

FOLDER, TOKENS, ACCOUNTS = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
THREADS = 4

settings.configure(
    SECRET_KEY=secrets.token_hex(32),
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "knox"],
    MIDDLEWARE=[],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": FOLDER / "knox.db",
            "CONN_MAX_AGE": None,
            "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"},
        }
    },
    REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": ["knox.auth.TokenAuthentication"]},
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from gunicorn.app.base import BaseApplication  # noqa: E402
from knox.crypto import create_token_string, hash_token  # noqa: E402
from knox.models import AuthToken  # noqa: E402
from knox.settings import CONSTANTS  # noqa: E402
from rest_framework.permissions import IsAuthenticated  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class Check(APIView):
    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response(headers={"Content-Length": "0"})


urlpatterns = [path("", Check.as_view())]


def fill():
    from django.contrib.auth.models import User

    call_command("migrate", verbosity=0)
    now = timezone.now()
    expiry = now + timedelta(days=90)
    with transaction.atomic(), open(FOLDER / "tokens", "w") as tokens:
        User.objects.bulk_create([User(username=f"u{number}") for number in range(ACCOUNTS)], batch_size=1_000)
        users = list(User.objects.values_list("id", flat=True))

        def row(number):
            text = create_token_string()
            tokens.write(text + "\n")
            key = text[: CONSTANTS.TOKEN_KEY_LENGTH]
            return hash_token(text), key, users[number % ACCOUNTS], now.isoformat(" "), expiry.isoformat(" ")

        table = AuthToken._meta.db_table
        insert = f"INSERT INTO {table} (digest, token_key, user_id, created, expiry) VALUES (%s, %s, %s, %s, %s)"
        with connection.cursor() as cursor:
            for start in range(0, TOKENS, 10_000):
                cursor.executemany(insert, [row(number) for number in range(start, min(TOKENS, start + 10_000))])
    connection.close()


class Server(BaseApplication):
    def __init__(self, listener):
        self.listener = listener
        super().__init__()

    def load_config(self):
        self.cfg.set("bind", f"fd://{self.listener.fileno()}")
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("threads", THREADS)
        self.cfg.set("keepalive", 60)
        self.cfg.set("loglevel", "error")

    def load(self):
        return get_wsgi_application()


def end_with_input():
    sys.stdin.read()
    os.kill(os.getpid(), 15)


if __name__ == "__main__":
    fill()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    print("127.0.0.1:%d" % listener.getsockname()[1], flush=True)
    threading.Thread(target=end_with_input, daemon=True).start()
    Server(listener).run()
