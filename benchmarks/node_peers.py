"""Servers of Node that somebody would take instead: the same data, asked for the same.

They take part where the packages of `peers/` are installed: npm ci --prefix benchmarks/peers

PostGraphile serves the tables of the reference, so that it finds decisions ready. mercurius serves
our schema, with the knowledge in memory. Neither checks any rights.
"""

from __future__ import annotations

import json
import shutil
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import questions
from load import ask
from questions import PAGE, Place, post

_Request = Callable[[Place], bytes]

PEERS = Path(__file__).parent / "peers"
NAMES = ("PostGraphile", "mercurius")

_WHAT_APPLIES = """
query WhatApplies($id: Int!) {
  facilityByRowId(rowId: $id) {
    key
    name
    osId
    gatewayId
    betterWorkId
    countryByCountry {
      code name kind text
      kindsByCountry(orderBy: VALID_FROM_ASC) { nodes { validFrom value text } }
    }
    decisionByDecision {
      assessment sharing route title state because text
      stepsByDecision(orderBy: POSITION_ASC) {
        nodes { position code title actor state deadline }
      }
      nextActions blockers dataLabels
      decidedFeesByDecision(orderBy: POSITION_ASC) {
        nodes {
          code charge payer because text
          chargeByCode {
            feesByCode(orderBy: POSITION_ASC) {
              nodes { key feeAmountByFee { validFrom amount currency } }
            }
          }
        }
      }
      decidedFaqsByDecision(first: 6, orderBy: RANK_ASC) {
        nodes { number rank because text faqByNumber { question answer } }
      }
      missing warnings citations
    }
    stepDates
    eventsByFacility(first: 5, orderBy: [OCCURRED_ON_ASC, SEQUENCE_ASC]) {
      nodes { kind occurredOn actorRole }
    }
  }
  allReleases { nodes { number } }
}
"""

_PORTFOLIO = """
query Portfolio($first: Int!, $after: Cursor) {
  allFacilities(first: $first, after: $after, orderBy: [NAME_ASC, ROW_ID_ASC]) {
    pageInfo { hasNextPage }
    nodes {
      key
      name
      osId
      countryByCountry {
        code name kind kindsByCountry(orderBy: VALID_FROM_ASC) { nodes { validFrom value } }
      }
      decisionByDecision { portfolio }
    }
  }
}
"""

_FACILITY = """
query Facility($id: Int!) {
  facilityByRowId(rowId: $id) {
    key
    name
    osId
    countryByCountry {
      code name kind
      kindsByCountry(orderBy: VALID_FROM_ASC) { nodes { validFrom value text } }
    }
    decisionByDecision {
      decidedFeesByDecision(orderBy: POSITION_ASC) {
        nodes {
          code charge text
          chargeByCode {
            feesByCode(orderBy: POSITION_ASC) {
              nodes { key feeAmountByFee { validFrom amount currency } }
            }
          }
        }
      }
      decidedFaqsByDecision(first: 6, orderBy: RANK_ASC) {
        nodes { number because faqByNumber { question answer } }
      }
    }
    eventsByFacility(first: 5, orderBy: [OCCURRED_ON_ASC, SEQUENCE_ASC]) {
      nodes { kind occurredOn actorRole }
    }
  }
}
"""

_LATEST_EVENTS = """
query LatestEvents($first: Int!, $after: Cursor) {
  allFacilities(first: $first, after: $after, orderBy: [NAME_ASC, ROW_ID_ASC]) {
    pageInfo { hasNextPage }
    nodes {
      key
      name
      countryByCountry {
        code name kind kindsByCountry(orderBy: VALID_FROM_ASC) { nodes { validFrom value } }
      }
      eventsByFacility(first: 1, orderBy: [OCCURRED_ON_DESC, SEQUENCE_DESC]) {
        nodes { kind occurredOn }
      }
    }
  }
}
"""


def is_installed() -> bool:
    """Whether Node and the packages are there."""
    return shutil.which("node") is not None and (PEERS / "node_modules").is_dir()


def environment(url: str) -> dict[str, str]:
    """The variables of its process; Node's driver reads no folder of a socket from a URL."""
    parts = urlsplit(url)
    variables = {
        "PGHOST": parse_qs(parts.query).get("host", [parts.hostname])[0],
        "PGPORT": str(parts.port or ""),
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
        "PGDATABASE": parts.path.removeprefix("/"),
    }
    return {name: value for name, value in variables.items() if value}


def command(name: str, port: int) -> list[str]:
    """How a server is started."""
    return ["node", str(PEERS / f"{name.lower()}.mjs"), str(port)]


async def requests_of(name: str, port: int) -> Mapping[str, _Request]:
    """Title of our question to the function that makes its request to a server."""
    applies, page, facility, latest = (question.title for question in questions.questions())

    def of_facility(document: str) -> _Request:
        return lambda at: post(document, {"id": str(at.id) if name == "mercurius" else at.id})

    if name == "mercurius":

        def of_page(document: str) -> _Request:
            return lambda at: post(document, {"after": json.dumps([at.name, at.id])})

        return {
            applies: of_facility(questions.WHAT_APPLIES),
            page: of_page(questions.PORTFOLIO),
            facility: of_facility(questions.FACILITY),
            latest: of_page(questions.LATEST_EVENTS),
        }
    ordered_by = await _order_of_cursors(port)

    def of_page_after(document: str) -> _Request:
        def request(at: Place) -> bytes:
            cursor = b64encode(json.dumps([ordered_by, at.name, at.id]).encode()).decode()
            return post(document, {"first": PAGE, "after": cursor})

        return request

    return {
        applies: of_facility(_WHAT_APPLIES),
        page: of_page_after(_PORTFOLIO),
        facility: of_facility(_FACILITY),
        latest: of_page_after(_LATEST_EVENTS),
    }


async def _order_of_cursors(port: int) -> str:
    """What PostGraphile's cursors of the page call its order."""
    query = "{ allFacilities(first: 1, orderBy: [NAME_ASC, ROW_ID_ASC]) { edges { cursor } } }"
    (edge,) = json.loads(await ask(port, post(query, {})))["data"]["allFacilities"]["edges"]
    ordered_by: str = json.loads(b64decode(edge["cursor"]))[0]
    return ordered_by
