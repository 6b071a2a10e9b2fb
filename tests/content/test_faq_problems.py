"""What is wrong with a FAQ is told with its file, line and key."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "slug: faq-7",
            "slug: faq-8",
            ": 7: the file is not named after its number and slug. Allowed: 07-faq-8.md",
        ),
        ("section: 1", "section: 3", ":4: 7.section: there is no section 3. Allowed: 1, 2"),
        (
            "links: []",
            "lead: {first: []}",
            ":11: 7.lead: lead is not a known key (did you mean leads?). Allowed: number, slug,"
            " section, audience, topics, title, contents_title, question, phrasings, links, table,"
            " remarks, applies_when, applies_because, checked_on, source, leads, holds, not_for,"
            " brief",
        ),
        (
            "[facility]",
            "[facility, factory]",
            ":5: 7.audience[2]: factory is not a known audience (did you mean facility?). Allowed:"
            " facility, brand, verifier-body, accredited-host, helpdesk, country-programme",
        ),
        (
            "four, five]",
            "four]",
            ":8: 7.phrasings: only 4 phrasings. Allowed: at least 5 that people would type",
        ),
        (
            "phrasings: [one, two, three, four, five]",
            "phrasings: {first: [one, two, three, four, five], third: [six]}",
            ":8: 7.phrasings.third: there is no passage third. Allowed: first, second",
        ),
        (
            "links: []",
            f"links: []\nbrief: {{second: {{button: {'x' * 41}}}}}",
            ":12: 7.second.button: has 41 characters. Allowed: at most 40",
        ),
        (
            "links: []",
            "links: []\nbrief: {second: {label: A}}",
            ":12: 7.brief.second: is not what a passage has in brief. Allowed: short, button",
        ),
        (
            "links: []",
            "links: [{label: A, target: null, status: unresolved, passage: third}]",
            ":11: 7.links[1].passage: there is no passage third in FAQ 7. Allowed: first, second",
        ),
        (
            "links: []",
            "links: [{label: A, target: null, status: resolved, passage: first}]",
            ":11: 7.links[1].status: a link without target is resolved. Allowed: unresolved",
        ),
        (
            "links: []",
            "table: {passage: third, columns: [A], rows: [[a]]}",
            ":11: 7.table.passage: there is no passage third in FAQ 7. Allowed: first, second",
        ),
        (
            "links: []",
            "table: {passage: first, columns: [A, B], rows: [[a, b], [a]]}",
            ":11: 7.table.rows[2]: the row has 1 cells. Allowed: 2, one per column",
        ),
        (
            "applies_when: [{}]",
            'applies_when: {enroled: "YES"}',
            ":9: 7.applies_when[1].enroled: enroled is not a known input (did you mean enrolled?)."
            " Allowed: country_kind, enrolled, in_scope, capacity_available, assessment, interest,"
            " gateway_profile, self_assessed_before, step_1_self_assessed, registration,"
            " publication, service_cycle, interest_next, assessed_by, sharing",
        ),
        (
            "applies_when: [{}]",
            'applies_when: [{}, {in_scope: ["NO", MAYBE]}]',
            ":9: 7.applies_when[2].in_scope: MAYBE is not a value of in_scope."
            " Allowed: YES, NO, UNKNOWN",
        ),
        (
            "source: faqs-2021",
            "source: faqs-2022",
            ":13: 7.source: there is no source faqs-2022 (did you mean faqs-2021?).",
        ),
        (
            "number: 7",
            'number: "7"',
            ':2: 7.number: "7" is not a whole number. Allowed: a whole number without quotes',
        ),
    ],
)
def test_what_is_wrong_with_a_faq_is_named(problems_of, changed_faq, old, new, problem):
    problems = [
        problem
        for problem in problems_of(changed_faq(old, new))
        if "the slug is already" not in problem
    ]
    assert problems == [f"faqs/07-faq-7.md{problem}"]


def test_a_slug_that_another_faq_has_is_a_problem(problems_of, changed_faq):
    problems = problems_of(changed_faq("slug: faq-7", "slug: faq-6"))
    wanted = (
        "faqs/07-faq-7.md:3: 7.slug: the slug is already that of FAQ 6. Allowed: every slug once"
    )
    assert wanted in problems


def test_a_number_twice_leaves_another_out(problems_of, changed_faq):
    problems = problems_of(changed_faq("number: 7", "number: 6"))
    assert "faqs: faq 7 is missing. Allowed: FAQs 1 to 23, each once" in problems
    assert (
        "faqs/07-faq-7.md:1: 6: the faq is already in faqs/06-faq-6.md:1."
        " Allowed: every key once over all files of a kind"
    ) in problems


def test_there_is_no_faq_24(problems_of, small_content):
    text = (small_content() / "faqs/07-faq-7.md").read_text()
    problems = problems_of({"faqs/24-new.md": text.replace("7", "24").replace("faq-24", "new")})
    assert problems == ["faqs/24-new.md:2: 24.number: there is no FAQ 24. Allowed: 1 to 23"]
