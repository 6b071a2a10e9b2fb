"""Documents that differ in nothing but texts that are written into them share a plan.

A client that writes ids and questions into its documents sends another one each time.
"""

from __future__ import annotations

import pytest

from tests.access.people import People
from tests.global_ids import global_id
from tests.plan.both_ways import require_same_as_others

FACILITY = global_id(2)

SHARED = {
    "an id": f'{{ node(id: "{FACILITY}") {{ id ... on Facility {{ name }} }} }}',
    "an id in an object": '{ facility(by: {osId: "DEMO-OS-000002"}) { name osId } }',
    "ids in a list": f'{{ nodes(ids: ["{FACILITY}", "RmFxOjc="]) {{ id }} }}',
    "an id for a list": f'{{ nodes(ids: "{FACILITY}") {{ id }} }}',
    "a day": '{ whatIf(profile: {country: "VN"}, asOf: "2021-10-01") { asOf } }',
    "a question with escapes": r"""{
        ask(input: {question: "Who pays\tfor \"it\"\\?"}) { outcome text } }""",
    "a question beside comments": """# Don't "stop.
        { ask(input: {question: "Who pays # for it?"}) { outcome text } } # Here "it ends""",
    "beside other variables": """query Named($first: Int = 1, $id: ID!) { faqs(first: $first) {
        nodes { id } } facility(by: {osId: "DEMO-OS-000002"}) { name } node(id: $id) { id } }""",
    "in fragments": """query { ...Root } fragment Root on Query {
        ask(input: {question: "Who pays?"}) { ...Outcome } } fragment Outcome on Answer { text }""",
    "an empty text": '{ facilities(first: 2, filter: {nameContains: ""}) { totalCount } }',
}
NOT_SHARED = {
    "the name of an enum's value": '{ facilities(first: 1, orderBy: "NAME") { totalCount } }',
    "a text for a number": '{ facilities(first: "1") { totalCount } }',
    "a text for an object": '{ facility(by: "DEMO-OS-000002") { name } }',
    "a text of several lines": '''{ ask(input: {question: """Who
        pays?"""}) { outcome } node(id: "RmFxOjc=") { id } }''',
    "a rare escape": r'{ ask(input: {question: "Who pays\u003f"}) { outcome } }',
    "an escape that there is not": r'{ ask(input: {question: "Who pays\?"}) { outcome } }',
    "a default": 'query ($id: ID = "RmFxOjc=") { node(id: $id) { id } }',
    "several operations": '{ node(id: "RmFxOjc=") { id } } query B { node(id: "RmFxOjc=") { id } }',
    "one field with different texts": '{ node(id: "RmFxOjc=") { id } node(id: "RmFxOjg=") { id } }',
    "a field that is not there": '{ facility(by: {osId: "DEMO-OS-000002"}) { nothing } }',
    "a text that is not ended": '{ node(id: "RmFxOjc=) { id } }',
    "a change": 'mutation { enrol(input: {osId: "DEMO-OS-000002"}) { facility { id } } }',
    "a directive": '{ viewer @include(if: "true") { role } }',
    "the name of the variable": '{ written_text_0: node(id: "RmFxOjc=") { id } }',
}
WRONG = {
    "a wrong day": '{ whatIf(profile: {country: "VN"}, asOf: "2021-13-01") { asOf } }',
    "a facility that is not there": """query {
        facility(by: {osId: "not there"}) { name } }""",
    "a text that is too long": f"""{{
        ask(input: {{question: "{"long " * 600}"}}) {{ outcome }} }}""",
}


@pytest.mark.parametrize("document", SHARED)
async def test_they_share_a_plan(people: People, document: str):
    assert await require_same_as_others(people, "admin", SHARED[document], id="RmFxOjc=")
    for name in ("brand", "anonymous"):
        await require_same_as_others(people, name, SHARED[document], id="RmFxOjc=")


@pytest.mark.parametrize("document", NOT_SHARED)
async def test_what_cannot_share_one_is_answered_as_ever(people: People, document: str):
    assert not await require_same_as_others(people, "admin", NOT_SHARED[document])


@pytest.mark.parametrize("document", WRONG)
async def test_what_is_wrong_with_a_text_is_told_with_its_place(people: People, document: str):
    await require_same_as_others(people, "admin", WRONG[document])
