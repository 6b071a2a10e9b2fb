from pathlib import Path

import pytest

from kb.errors import InvalidInputError
from kb.settings import Settings
from kb.settings.serving import LogLevel

URLS = "sqlite://FILE, sqlite:///ABSOLUTE/FILE or postgres://USER:PASSWORD@HOST:PORT/NAME"


def test_without_any_variable_the_data_lies_in_the_working_folder() -> None:
    settings = Settings()
    assert settings.sqlite_file == Path("kb.sqlite3")
    assert (settings.host, settings.port, settings.max_page_size) == ("127.0.0.1", 8000, 100)
    assert settings.log_level is LogLevel.INFO
    assert settings.content_dir is None


def test_variables_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_DATABASE_URL", "postgres://kb:secret@db.example:5433/knowledge")
    monkeypatch.setenv("KB_PORT", "9000")
    settings = Settings()
    assert settings.port == 9000
    assert settings.sqlite_file is None
    assert settings.database_name == "the PostgreSQL database knowledge on db.example"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("port", "abc", "KB_PORT: 'abc' is not valid. Allowed: a valid integer"),
        ("port", "0", "KB_PORT: '0' is not valid. Allowed: greater than or equal to 1."),
        ("token_max_days", "36501", "KB_TOKEN_MAX_DAYS: '36501' is not valid. Allowed: less than"),
        ("ratings_kept_days", "999999", "KB_RATINGS_KEPT_DAYS: '999999' is not valid."),
        ("questions_kept_days", "999999", "KB_QUESTIONS_KEPT_DAYS: '999999' is not valid."),
        ("log_level", "LOUD", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'."),
        ("anonymous_reads", "SOME", "Allowed: 'KNOWLEDGE' or 'NOTHING'."),
        ("database_url", "mysql://db/kb", f"'mysql://db/kb' is not valid. Allowed: {URLS}."),
        ("database_url", "kb.sqlite3", f"'kb.sqlite3' is not valid. Allowed: {URLS}."),
        ("database_url", "sqlite://", f"'sqlite://' is not valid. Allowed: {URLS}."),
        ("database_url", "sqlite://:memory:", f"Allowed: {URLS}."),
        ("database_url", "postgres://db", f"'postgres://db' is not valid. Allowed: {URLS}."),
        (
            "database_url",
            "postgres://db:x/kb",
            f"'postgres://db:x/kb' is not valid. Allowed: {URLS}.",
        ),
        ("database_url", "postgres://db/kb?speed=9", "KB_DATABASE_URL: 'speed' is not valid."),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(f"KB_{name.upper()}", value)
    with pytest.raises(InvalidInputError) as caught:
        Settings()
    assert str(caught.value).startswith(f"KB_{name.upper()}: ")
    assert message in str(caught.value)


def test_a_password_is_never_shown() -> None:
    settings = Settings(database_url="postgres://kb:hunter2@db.example/kb?sslmode=require")
    assert "hunter2" not in f"{settings!r} {settings.shown()} {settings.database_name}"
    for wrong in ("postgres://kb:hunter2@db.example:x/kb", "mysql://kb:hunter2@db.example/kb"):
        with pytest.raises(InvalidInputError) as caught:
            Settings(database_url=wrong)
        assert "hunter2" not in str(caught.value)
        assert "db.example" in str(caught.value)


def test_every_setting_is_shown_with_its_meaning() -> None:
    shown = Settings(port=9000).shown()
    assert shown["KB_PORT"] == ("9000", "Port on which the API listens.")
    assert shown["KB_DATABASE_URL"][0] == "the SQLite file kb.sqlite3"
    assert set(shown) == {f"KB_{name.upper()}" for name in Settings.model_fields}
    assert all(meaning.endswith(".") for _, meaning in shown.values())


@pytest.mark.parametrize(
    ("url", "host", "on_trial"),
    [
        ("sqlite://kb.sqlite3", "127.0.0.1", True),
        ("sqlite://kb.sqlite3", "::1", True),
        ("sqlite://kb.sqlite3", "localhost", True),
        ("sqlite://kb.sqlite3", "0.0.0.0", False),
        ("sqlite://kb.sqlite3", "kb.example", False),
        ("postgres://db/kb", "127.0.0.1", False),
        ("postgres://db/kb", "0.0.0.0", False),
    ],
)
def test_a_server_is_for_trying_out_only_on_the_embedded_database_of_this_machine(
    url: str, host: str, on_trial: bool
) -> None:
    assert Settings(database_url=url, host=host).on_trial is on_trial


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("KB_TOKEN_PEPPER", "too-short-secret", "'…' is not valid. Allowed: 32 characters"),
        ("KB_OIDC_ROLE_MAP", '{"desk": "HELP', "'…' is not valid. Allowed: JSON. It is for: "),
        ("KB_ALLOWED_ORIGINS", "http://127.0.0.1:9000", 'such as ["https://dashboard.example"]'),
        ("KB_OIDC_ROLE_MAP", '{"desk": "OPERATOR"}', "which OPERATOR is not"),
        ("KB_OIDC_ROLE_MAP", '{"desk": "BOSS"}', "'CHATBOT', 'FACILITY'"),
        ("KB_OIDC_ALGORITHMS", '["HS256"]', "'RS256', 'ES256'"),
        ("KB_OIDC_ALGORITHMS", "[]", "KB_OIDC_ALGORITHMS"),
        ("KB_OIDC_ISSUER", "https://login.example", "because KB_OIDC_ISSUER is set"),
        ("KB_OIDC_JWKS_URL", "http://login.example/keys", "https://"),
        ("KB_OIDC_JWKS_URL", "http://localhost.example/keys", "https://"),
        ("KB_OIDC_JWKS_URL", "http://localhost:x@evil.example/", "https://"),
        ("KB_WEBHOOK_URL", "http://localhost:80@evil.example/", "https://"),
        ("KB_WEBHOOK_URL", "https://localhost@evil.example/", "https://"),
        ("KB_WEBHOOK_URL", "https:///hook", "https://"),
    ],
)
def test_wrong_settings_of_tokens_are_told_without_secrets(
    name: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInputError) as caught:
        Settings()
    assert message in str(caught.value)
    assert "too-short-secret" not in str(caught.value)


def test_secrets_are_not_shown() -> None:
    secret = "a secret of thirty-two characters, or more"
    settings = Settings(token=secret, token_pepper=secret, graphiql_token=secret)
    assert secret not in f"{settings!r} {settings.shown()}"


def test_postgres_options_reach_the_driver() -> None:
    settings = Settings(
        database_url="postgres://kb@/kb?host=/run/postgresql&sslmode=require",
        database_pool_size=3,
        database_timeout=4,
    )
    credentials = settings.tortoise()["connections"]["default"]["credentials"]
    assert (credentials["host"], credentials["ssl"]) == ("/run/postgresql", "require")
    assert (credentials["maxsize"], credentials["command_timeout"]) == (3, 4.0)


def test_no_url_of_a_database_is_shown_with_its_password() -> None:
    url = "postgres://kb:hunter2@db.example/kb"
    settings = Settings(database_url=url, database_listen_url=url, database_replica_urls=(url,))
    shown = settings.shown()
    for name in ("KB_DATABASE_URL", "KB_DATABASE_LISTEN_URL", "KB_DATABASE_REPLICA_URLS"):
        assert shown[name][0] == "the PostgreSQL database kb on db.example"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    ["nowhere", "sqlite://kb.sqlite3", "mysql://kb:secret@db.example/kb", "postgres://kb:secret@"],
)
def test_what_is_no_address_of_postgresql_cannot_be_listened_to(url: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Settings(database_listen_url=url)
    assert caught.value.field == "KB_DATABASE_LISTEN_URL"
    assert "secret" not in str(caught.value)
    with pytest.raises(InvalidInputError) as caught:
        Settings(database_url="postgres://db.example/kb", database_replica_urls=(url,))
    assert caught.value.field == "KB_DATABASE_REPLICA_URLS"
    assert "secret" not in str(caught.value)


def test_replicas_are_a_list_of_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_DATABASE_URL", "postgres://kb:secret@one.example/kb")
    monkeypatch.setenv("KB_DATABASE_REPLICA_URLS", '["postgres://kb@two.example:5433/kb"]')
    credentials = Settings().tortoise()["connections"]["default"]["credentials"]
    (replica,) = credentials["replicas"]
    assert (replica["host"], replica["port"], replica["timeout"]) == ("two.example", 5433, 1.0)
    assert (replica["maxsize"], credentials["replica_wait"]) == (5, 0.05)
    monkeypatch.setenv("KB_DATABASE_URL", "sqlite://kb.sqlite3")
    with pytest.raises(InvalidInputError, match="an SQLite file, which has no replicas"):
        Settings()


KEYS = {
    "mail_url": ("smtps://hunter2@mail.example:465", "smtps://mail.example:465"),
    "webhook_url": ("https://hooks.example/T0/hunter2?key=hunter2", "https://hooks.example/…"),
    "oidc_jwks_url": ("https://login.example/?key=hunter2#hunter2", "https://login.example/…"),
}


@pytest.mark.parametrize("name", list(KEYS))
def test_of_an_address_that_may_hold_a_key_the_server_alone_is_shown(name: str) -> None:
    url, shown = KEYS[name]
    needed = {"webhook_secret": "s" * 32, "gateway_link": "g", "platform_link": "p"}
    settings = Settings(**{name: url}, **needed)
    assert settings.shown()[f"KB_{name.upper()}"][0] == shown
    assert "hunter2" not in f"{settings!r} {settings.shown()}"


def test_an_address_without_more_than_a_server_and_a_folder_are_shown_whole() -> None:
    settings = Settings(webhook_url="https://hooks.example", webhook_secret="s" * 32)
    assert settings.shown()["KB_WEBHOOK_URL"][0] == "https://hooks.example"
    assert settings.shown()["KB_MAIL_URL"][0] == "file://var/mailbox"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KB_WEBHOOK_URL", "http://hooks.example/T0/hunter2"),
        ("KB_OIDC_JWKS_URL", "http://login.example/?key=hunter2"),
        ("KB_MAIL_URL", "smtp://kb:hunter2@mail.example"),
        ("KB_DATABASE_REPLICA_URLS", '{"first": "postgres://kb:hunter2@db.example/kb"}'),
        ("KB_DATABASE_URL", "mysql://db.example/kb?password=hunter2"),
        ("KB_DATABASE_URL", "postgres://db.example:x/kb?password=hun@hunter2"),
        ("KB_DATABASE_URL", "kb:hunter2@db.example/kb"),
        ("KB_DATABASE_URL", "postgres://kb:hunter2/of#mine@db.example/kb"),
        ("KB_DATABASE_URL", "postgres://kb:hunter2?of@db.example"),
        ("KB_DATABASE_URL", "sqlite://kb.sqlite3?key=hunter2"),
        ("KB_DATABASE_LISTEN_URL", "redis://kb:hunter2@db.example"),
    ],
)
def test_a_wrong_address_is_told_without_what_may_be_a_key(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInputError) as caught:
        Settings()
    assert name in str(caught.value)
    assert "hunter2" not in str(caught.value)
