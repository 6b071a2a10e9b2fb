"""The questions that are timed, as GraphQL documents and as requests of both servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from urllib.parse import urlencode

from strawberry.relay.utils import to_base64

from kb.services.facilities.views import FacilityOrder
from kb.services.paging import encode_cursor

PAGE = 50

WHAT_APPLIES = """
query WhatApplies($id: ID!) {
  facility(by: {id: $id}) {
    id
    name
    osId
    gatewayId
    betterWorkId
    country { code name kind text kinds { validFrom value text } }
    whatApplies {
      asOf
      knowledge { number }
      assessment {
        assessedBy provisional fallback verifierExcluded stepsAssessed lawOverlay because text
        citations { faqNumber layer role }
      }
      sharing {
        status deadline channels whoDecides because text
        brandMay { because text }
        brandMayNot { because text }
        citations { faqNumber layer role }
      }
      workflow {
        route title state because text
        steps { order code title actor state doneOn deadline }
        nextActions { order code title actor deadline asks because text }
        blockers { code because text citations { faqNumber layer role } }
      }
      dataLabels { step scope code because text }
      fees { code charge payer because text held { key amount { validFrom amount currency } } }
      faqs(first: 6) { number rank because text faq { question answer } }
      missing { input rank because text }
      warnings { code because text }
      citations { faqNumber layer role }
    }
    history(first: 5) { nodes { kind occurredOn actorRole } }
  }
}
"""

PORTFOLIO = """
query Portfolio($after: String!) {
  facilities(first: 50, after: $after, orderBy: NAME) {
    pageInfo { hasNextPage }
    nodes {
      id
      name
      osId
      country { code name kind kinds { validFrom value } }
      whatApplies {
        assessment { assessedBy provisional }
        sharing { status deadline }
        workflow {
          state
          blockers { code }
          nextActions { order actor title deadline }
        }
      }
    }
  }
}
"""

FACILITY = """
query Facility($id: ID!) {
  facility(by: {id: $id}) {
    id
    name
    osId
    country { code name kind kinds { validFrom value text } }
    whatApplies {
      fees { code charge text held { key amount { validFrom amount currency } } }
      faqs(first: 6) { number because faq { question answer } }
    }
    history(first: 5) { nodes { kind occurredOn actorRole } }
  }
}
"""

LATEST_EVENTS = """
query LatestEvents($after: String!) {
  facilities(first: 50, after: $after, orderBy: NAME) {
    pageInfo { hasNextPage }
    nodes {
      id
      name
      country { code name kind kinds { validFrom value } }
      latestEvent { kind occurredOn }
    }
  }
}
"""

FLOOR = "query Floor { __typename }"

WHAT_IF = """
query WhatIf($country: CountryCode!) {
  whatIf(profile: {country: $country, enrolled: YES, inScope: YES}) {
    asOf
    assessment { assessedBy provisional because text citations { faqNumber layer role } }
    sharing { status deadline channels whoDecides because text citations { faqNumber layer role } }
    workflow { route title state because text nextActions { order code title actor text } }
    fees { code charge payer text }
    missing { input rank text }
    warnings { code text }
  }
}
"""

FAQ_PAGE = """
query FaqPage {
  faqs(first: 10) {
    pageInfo { hasNextPage }
    nodes { id number question answer passages { id text } }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A facility, as questions name it."""

    id: int
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question: what is asked of our server and of the reference.

    What follows from the knowledge alone the reference does not answer.
    """

    title: str
    ours: Callable[[Place], bytes]
    reference: Callable[[Place], bytes] | None = None

    def constant(self, size: int) -> Callable[[Place], bytes]:
        """What is asked for an answer of that size, which is always the same."""
        return lambda _: _get("/constant", {"size": size})


def questions(headers: Sequence[str] = ()) -> tuple[Question, ...]:
    """Those on facilities; our server is sent these headers with each."""

    def of_facility(title: str, document: str, path: str) -> Question:
        return Question(
            title,
            lambda at: post(document, {"id": to_base64("Facility", at.key)}, headers),
            lambda at: _get(path, {"id": at.id}),
        )

    def of_page(title: str, document: str, path: str) -> Question:
        def ours(at: Place) -> bytes:
            after = encode_cursor(FacilityOrder.NAME, at.name, at.key)
            return post(document, {"after": after}, headers)

        return Question(title, ours, lambda at: _get(path, {"name": at.name, "id": at.id}))

    return (
        of_facility("what applies", WHAT_APPLIES, "/what-applies"),
        of_page(f"page of {PAGE}", PORTFOLIO, "/page"),
        of_facility("facility", FACILITY, "/facility"),
        of_page("latest events", LATEST_EVENTS, "/latest-events"),
    )


def of_knowledge(headers: Sequence[str] = ()) -> tuple[Question, ...]:
    """Questions on no facility, among them the one that asks for nothing."""
    return (
        Question("asking nothing", lambda _: post(FLOOR, {}, headers)),
        Question("whatIf", lambda _: post(WHAT_IF, {"country": "VN"}, headers)),
        Question("page of FAQs", lambda _: post(FAQ_PAGE, {}, headers)),
    )


def requests(
    make: Callable[[Place], bytes], places: Sequence[Place], seed: int
) -> Callable[[], bytes]:
    """An endless row of requests about facilities at random, the same for the same seed."""
    random = Random(seed)
    return lambda: make(random.choice(places))


def post(document: str, variables: Mapping[str, object], headers: Sequence[str] = ()) -> bytes:
    """A GraphQL request as it goes over the connection."""
    body = json.dumps({"query": document, "variables": variables}).encode()
    head = [
        "POST /graphql HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        "Accept: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def _get(path: str, query: dict[str, str | int]) -> bytes:
    return f"GET {path}?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
