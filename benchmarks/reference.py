"""The reference: what one would write by hand for just these questions, and for speed.

Plain Starlette and asyncpg. One SQL statement builds the JSON in PostgreSQL, from our tables and
those of `reference_tables`; the handler passes the text on.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_Endpoint = Callable[[Request], Awaitable[Response]]

DATABASE_VARIABLE = "KB_BENCH_DATABASE_URL"

_ID = "(SELECT i.id FROM reference.global_id i WHERE i.facility = f.id)"

_KINDS = """(SELECT coalesce(json_agg(json_build_object(
        'validFrom', k.valid_from, 'value', k.value) ORDER BY k.valid_from), '[]')
      FROM reference.kind k WHERE k.country = c.code AND k.valid_from <= current_date)"""
_KINDS_WITH_TEXT = _KINDS.replace("k.value)", "k.value, 'text', k.text)")
_FEES = """(SELECT coalesce(json_agg(json_build_object('key', h.key, 'amount',
            CASE WHEN a.fee IS NULL THEN NULL ELSE json_build_object(
              'validFrom', a.valid_from, 'amount', a.amount, 'currency', a.currency) END)
            ORDER BY h.position), '[]')
          FROM reference.fee h LEFT JOIN reference.fee_amount a ON a.fee = h.position
          WHERE h.code = w.code)"""
_HISTORY = """json_build_object('nodes', (SELECT coalesce(json_agg(json_build_object(
      'kind', e.kind, 'occurredOn', e.occurred_on, 'actorRole', e.actor_role)
      ORDER BY e.occurred_on, e.sequence), '[]')
    FROM (SELECT kind, occurred_on, actor_role, sequence FROM workflow_event
          WHERE facility_id = f.id ORDER BY occurred_on, sequence LIMIT 5) e))"""

WHAT_APPLIES = f"""
SELECT json_build_object('data', json_build_object('facility', json_build_object(
  'id', {_ID},
  'name', f.name,
  'osId', f.os_id,
  'gatewayId', f.gateway_id,
  'betterWorkId', f.better_work_id,
  'country', json_build_object('code', c.code, 'name', c.name, 'kind', c.kind, 'text', c.text,
    'kinds', {_KINDS_WITH_TEXT}),
  'whatApplies', json_build_object(
    'asOf', current_date,
    'knowledge', json_build_object('number', (SELECT number FROM reference.release)),
    'assessment', d.assessment,
    'sharing', d.sharing,
    'workflow', json_build_object(
      'route', d.route, 'title', d.title, 'state', d.state, 'because', d.because, 'text', d.text,
      'steps', (SELECT coalesce(json_agg(json_build_object(
          'order', s.position, 'code', s.code, 'title', s.title, 'actor', s.actor,
          'state', s.state, 'doneOn', p.step_dates ->> s.code, 'deadline', s.deadline)
          ORDER BY s.position), '[]')
        FROM reference.step s WHERE s.decision = d.id),
      'nextActions', d.next_actions,
      'blockers', d.blockers),
    'dataLabels', d.data_labels,
    'fees', (SELECT json_agg(json_build_object(
        'code', w.code, 'charge', w.charge, 'payer', w.payer, 'because', w.because, 'text', w.text,
        'held', {_FEES}) ORDER BY w.position)
      FROM reference.decided_fee w WHERE w.decision = d.id),
    'faqs', (SELECT coalesce(json_agg(json_build_object(
        'number', r.number, 'rank', r.rank, 'because', r.because, 'text', r.text,
        'faq', json_build_object('question', q.question, 'answer', q.answer))
        ORDER BY r.rank), '[]')
      FROM reference.decided_faq r JOIN reference.faq q ON q.number = r.number
      WHERE r.decision = d.id AND r.rank <= 6),
    'missing', d.missing,
    'warnings', d.warnings,
    'citations', d.citations),
  'history', {_HISTORY}
)))::text
FROM facility f
JOIN (SELECT facility_id, decision_key, state -> 'step_dates' AS step_dates
      FROM facility_projection WHERE is_current) p ON p.facility_id = f.id
JOIN reference.decision d ON d.key = p.decision_key
JOIN reference.country c ON c.code = f.country
WHERE f.id = $1
"""

PORTFOLIO = f"""
WITH page AS (
  SELECT p.facility_id, p.name, p.country, p.decision_key
  FROM facility_projection p
  WHERE p.is_current = TRUE AND (p.name, p.facility_id) > ($1, $2)
  ORDER BY p.name, p.facility_id LIMIT 51
)
SELECT json_build_object('data', json_build_object('facilities', json_build_object(
  'pageInfo', json_build_object('hasNextPage', (SELECT count(*) > 50 FROM page)),
  'nodes', coalesce((SELECT json_agg(json_build_object(
      'id', {_ID},
      'name', f.name,
      'osId', f.os_id,
      'country', json_build_object('code', c.code, 'name', c.name, 'kind', c.kind,
        'kinds', {_KINDS}),
      'whatApplies', d.portfolio) ORDER BY f.name, f.id)
    FROM (SELECT * FROM page ORDER BY name, facility_id LIMIT 50) p
    JOIN facility f ON f.id = p.facility_id
    JOIN reference.decision d ON d.key = p.decision_key
    JOIN reference.country c ON c.code = p.country), '[]')
)))::text
"""

FACILITY = f"""
SELECT json_build_object('data', json_build_object('facility', json_build_object(
  'id', {_ID},
  'name', f.name,
  'osId', f.os_id,
  'country', json_build_object('code', c.code, 'name', c.name, 'kind', c.kind,
    'kinds', {_KINDS_WITH_TEXT}),
  'whatApplies', json_build_object(
    'fees', (SELECT json_agg(json_build_object(
        'code', w.code, 'charge', w.charge, 'text', w.text, 'held', {_FEES}) ORDER BY w.position)
      FROM reference.decided_fee w WHERE w.decision = d.id),
    'faqs', (SELECT coalesce(json_agg(json_build_object(
        'number', r.number, 'because', r.because,
        'faq', json_build_object('question', q.question, 'answer', q.answer))
        ORDER BY r.rank), '[]')
      FROM reference.decided_faq r JOIN reference.faq q ON q.number = r.number
      WHERE r.decision = d.id AND r.rank <= 6)),
  'history', {_HISTORY}
)))::text
FROM facility f
JOIN facility_projection p ON p.facility_id = f.id AND p.is_current
JOIN reference.decision d ON d.key = p.decision_key
JOIN reference.country c ON c.code = f.country
WHERE f.id = $1
"""

LATEST_EVENTS = f"""
WITH page AS (
  SELECT p.facility_id, p.name, p.country
  FROM facility_projection p
  WHERE p.is_current = TRUE AND (p.name, p.facility_id) > ($1, $2)
  ORDER BY p.name, p.facility_id LIMIT 51
)
SELECT json_build_object('data', json_build_object('facilities', json_build_object(
  'pageInfo', json_build_object('hasNextPage', (SELECT count(*) > 50 FROM page)),
  'nodes', coalesce((SELECT json_agg(json_build_object(
      'id', (SELECT i.id FROM reference.global_id i WHERE i.facility = p.facility_id),
      'name', p.name,
      'country', json_build_object('code', c.code, 'name', c.name, 'kind', c.kind,
        'kinds', {_KINDS}),
      'latestEvent', (SELECT json_build_object('kind', e.kind, 'occurredOn', e.occurred_on)
        FROM workflow_event e WHERE e.facility_id = p.facility_id
        ORDER BY e.occurred_on DESC, e.sequence DESC LIMIT 1)) ORDER BY p.name, p.facility_id)
    FROM (SELECT * FROM page ORDER BY name, facility_id LIMIT 50) p
    JOIN reference.country c ON c.code = p.country), '[]')
)))::text
"""


def create_app() -> Starlette:
    """The app on the database that the environment names."""
    pool: asyncpg.Pool

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        async with asyncpg.create_pool(
            os.environ[DATABASE_VARIABLE],
            min_size=1,
            max_size=5,
            server_settings={"timezone": "UTC"},
        ) as pool:
            yield

    def of_facility(statement: str) -> _Endpoint:
        async def answer(request: Request) -> Response:
            return _json(await pool.fetchval(statement, int(request.query_params["id"])))

        return answer

    def of_page(statement: str) -> _Endpoint:
        async def answer(request: Request) -> Response:
            parameters = request.query_params
            return _json(await pool.fetchval(statement, parameters["name"], int(parameters["id"])))

        return answer

    async def constant(request: Request) -> Response:
        """The least that any server of this kind takes: bytes that were made before."""
        size = int(request.query_params["size"])
        if size not in made:
            made[size] = b" " * size
        return Response(made[size], media_type="application/json")

    made: dict[int, bytes] = {}
    routes = [
        Route("/what-applies", of_facility(WHAT_APPLIES)),
        Route("/facility", of_facility(FACILITY)),
        Route("/page", of_page(PORTFOLIO)),
        Route("/latest-events", of_page(LATEST_EVENTS)),
        Route("/constant", constant),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")
