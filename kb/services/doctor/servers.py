"""What stands between the program and PostgreSQL: a pooler, the way to listen, replicas."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import uuid4

from tortoise.connection import get_connection

from kb.asyncpg_backend import Client
from kb.asyncpg_backend.replicas import REPLAYED, WRITTEN, Replica
from kb.database_urls import REPLICA_PATIENCE, credentials
from kb.services.database import FAILURES, connect, connect_to_listen
from kb.services.doctor.findings import Finding, fault, ok, warning
from kb.settings import Settings

HEARD_WITHIN = 3.0
"""How many seconds a notification may take."""

FAR_BEHIND = 16_000_000
"""Bytes of the log that a replica which keeps up is never behind."""


async def examine_servers(settings: Settings) -> Sequence[Finding]:
    """Connect to each; nothing on SQLite, or where the database does not answer at all."""
    if settings.sqlite_file is not None:
        return []
    try:
        async with connect(settings, everywhere=False):
            client = get_connection("default")
            assert isinstance(client, Client)
            return [
                await _pooler(settings, client),
                await _listening(settings, client),
                *await _replicas(settings, client),
            ]
    except FAILURES:  # the database has a finding of its own
        return []


async def _pooler(settings: Settings, client: Client) -> Finding:
    subject = "pooler"
    connection = await client.connect_alone(settings.database_timeout)
    try:
        # A pooler tells another number than that of the process which it lends.
        pooled = connection.get_server_pid() != await connection.fetchval("SELECT pg_backend_pid()")
    finally:
        await connection.close()
    if not pooled:
        return ok(subject, "None stands before PostgreSQL.")
    prepares = credentials(settings.database_url).get("statement_cache_size") != 0
    if prepares:
        return warning(
            subject,
            "One stands before PostgreSQL, and statements are prepared on its connections: if it "
            "hands them on after each transaction, most requests fail.",
            "Add ?statement_cache_size=0 to KB_DATABASE_URL, or see that it keeps prepared "
            "statements (PgBouncer from 1.21 on, with max_prepared_statements).",
        )
    return ok(subject, "One stands before PostgreSQL; nothing is prepared on its connections.")


async def _listening(settings: Settings, client: Client) -> Finding:
    subject = "notifications"
    remedy = "Set KB_DATABASE_LISTEN_URL to a URL that leads to the primary itself, past poolers."
    channel, heard = f"kb_{uuid4().hex}", asyncio.Event()
    try:
        connection = await connect_to_listen(settings)
    except FAILURES as error:
        return fault(subject, f"There is no way to listen to PostgreSQL: {error}.", remedy)
    try:
        await connection.add_listener(channel, lambda *_: heard.set())
        await client.execute_query(f"NOTIFY {channel}")
        async with asyncio.timeout(HEARD_WITHIN):
            await heard.wait()
    except TimeoutError:
        return fault(subject, "They do not arrive, so subscriptions tell nothing.", remedy)
    finally:
        connection.terminate()
    return ok(subject, "They arrive, so subscriptions hear what others record.")


async def _replicas(settings: Settings, client: Client) -> Sequence[Finding]:
    subject = "replicas"
    if client.replicas is None:
        return []
    findings = [await _replica(subject, replica, client) for replica in client.replicas.servers]
    _, rows = await client.execute_query("SHOW synchronous_commit")
    if rows[0]["synchronous_commit"] == "off":
        findings.append(
            fault(
                subject,
                "synchronous_commit is off: what is acknowledged may be lost, and replicas be read "
                "before they have it.",
                "Set synchronous_commit = on, and name the replicas in synchronous_standby_names.",
            )
        )
    return findings


async def _replica(subject: str, replica: Replica, primary: Client) -> Finding:
    place = f"{replica.host}:{replica.port}"
    remedy = "Look at KB_DATABASE_REPLICA_URLS, and at that server; the others are read meanwhile."
    _, ((written,),) = await primary.execute_query(WRITTEN)
    try:
        connection = await replica.connect_alone(REPLICA_PATIENCE)
        try:
            replayed = await connection.fetchval(REPLAYED)
        finally:
            connection.terminate()
    except FAILURES as error:
        return fault(subject, f"{place} does not answer: {error or type(error).__name__}.", remedy)
    if replayed is None:
        return warning(subject, f"{place} is no replica, and is not read.", remedy)
    behind = max(0, written - replayed)
    if behind > FAR_BEHIND:
        return warning(subject, f"{place} is {behind:,} bytes behind, and not read.", remedy)
    return ok(subject, f"{place} follows the primary, {behind:,} bytes behind.")
