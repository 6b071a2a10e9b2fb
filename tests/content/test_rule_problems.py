"""Tables, statements, steps, routes and warnings name only what exists, and tables are whole."""

from __future__ import annotations

import pytest

from tests.content.conftest import ROUTE

TABLE = """\
B:
  title: A table
  inputs: {inputs}
  rows:
"""
ROW = (
    "    - {{id: {id}, when: {when},"
    " then: {{because: {because}, sharing: NOT_YET, state: UNKNOWN}}}}\n"
)
INPUTS = '{assessment: [UNKNOWN, NONE, ONSITE, VCC], enrolled: ["YES", "NO", UNKNOWN]}'


def table(*rows: tuple[str, str], inputs: str = INPUTS, because: str = "SAID"):
    text = TABLE.format(inputs=inputs)
    text += "".join(ROW.format(id=id_, when=when, because=because) for id_, when in rows)
    return {"rules/tables/b.yaml": text}


def test_a_table_that_covers_every_combination_once_has_no_problem(problems_of):
    changed = table(
        ("B1", "{assessment: NONE}"),
        ("B2", "[{assessment: [UNKNOWN, ONSITE]}, {assessment: VCC, enrolled: [UNKNOWN, 'NO']}]"),
        ("B3", '{assessment: VCC, enrolled: "YES"}'),
    )
    assert problems_of(changed) == []


def test_combinations_without_a_row_are_counted_and_one_is_named(problems_of):
    changed = table(("B1", "{assessment: NONE}"), ("B2", '{assessment: VCC, enrolled: "NO"}'))
    assert problems_of(changed) == [
        "rules/tables/b.yaml:4: B.rows: no row matches 8 of 12 combinations, for example"
        " assessment=UNKNOWN, enrolled=YES. Allowed: exactly one row for each"
    ]


def test_rows_that_overlap_are_named_with_an_example(problems_of):
    changed = table(("B1", "{}"), ("B2", "{assessment: VCC}"), ("B3", '{enrolled: "NO"}'))
    assert problems_of(changed) == [
        "rules/tables/b.yaml:6: B.rows[2]: rows B1 and B2 all match 2 of 12 combinations, for"
        " example assessment=VCC, enrolled=YES. Allowed: exactly one row for each",
        "rules/tables/b.yaml:7: B.rows[3]: rows B1 and B3 all match 3 of 12 combinations, for"
        " example assessment=UNKNOWN, enrolled=NO. Allowed: exactly one row for each",
        "rules/tables/b.yaml:7: B.rows[3]: rows B1, B2 and B3 all match 1 of 12 combinations, for"
        " example assessment=VCC, enrolled=NO. Allowed: exactly one row for each",
    ]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            table(("B1", "{assesment: NONE}")),
            "5: B.rows[1].when[1].assesment: assesment is not a known input (did you mean"
            " assessment?). Allowed: assessment, enrolled",
        ),
        (
            table(("B1", "{in_scope: UNKNOWN}")),
            "5: B.rows[1].when[1].in_scope: in_scope is not a known input."
            " Allowed: assessment, enrolled",
        ),
        (
            table(("B1", "{assessment: [NONE, ONSIGHT]}")),
            "5: B.rows[1].when[1].assessment: ONSIGHT is not a value of assessment (did you mean"
            " ONSITE?). Allowed: UNKNOWN, NONE, ONSITE, VCC",
        ),
        (
            table(("B1", "{assessment: []}")),
            "5: B.rows[1].when[1].assessment: assessment accepts no value."
            " Allowed: UNKNOWN, NONE, ONSITE, VCC",
        ),
        (
            table(("B1", "[]")),
            "5: B.rows[1].when: row B1 has no condition. Allowed: `{}` for always",
        ),
        (
            table(("B1", "{}"), inputs="{assessment: [NONE, VCC]}"),
            "3: B.inputs.assessment: assessment must list each of its values once."
            " Allowed: UNKNOWN, NONE, ONSITE, VCC",
        ),
        (
            table(("B1", "{}"), inputs="{assessments: [NONE]}"),
            "3: B.inputs.assessments: assessments is not a known input (did you mean assessment?)."
            " Allowed: country_kind, enrolled, in_scope, capacity_available, assessment, interest,"
            " gateway_profile, self_assessed_before, step_1_self_assessed, registration,"
            " publication, service_cycle, interest_next, assessed_by",
        ),
        (
            table(("B1", "{}"), inputs="{sharing: [NOT_YET]}"),
            "3: B.inputs.sharing: sharing is not a known input. Allowed: country_kind, enrolled,"
            " in_scope, capacity_available, assessment, interest, gateway_profile,"
            " self_assessed_before, step_1_self_assessed, registration, publication,"
            " service_cycle, interest_next, assessed_by",
        ),
        (
            table(("A1", "{}")),
            "5: B.rows[1].id: the row id A1 is already taken. Allowed: every row id once",
        ),
        (
            table(("B1", "{}"), because="SAYD"),
            "5: B.rows[1].then.because: there is no statement SAYD (did you mean SAID?).",
        ),
    ],
)
def test_what_is_wrong_with_a_row_is_named(problems_of, changed, problem):
    assert problems_of(changed) == [f"rules/tables/b.yaml:{problem}"]


def test_each_of_the_five_tables_must_be_there(problems_of):
    problems = problems_of({"rules/tables/e.yaml": None})
    assert problems == ["rules/tables: table E is missing. Allowed: tables A, B, C, D, E"]


def test_there_are_only_five_tables(problems_of, small_content):
    text = (small_content() / "rules/tables/e.yaml").read_text()
    problems = problems_of({"rules/tables/f.yaml": text.replace("E", "F", 1)})
    assert problems == [
        "rules/tables/f.yaml:1: F: the key has the wrong form. Allowed: A, B, C, D or E"
    ]


def test_every_label_and_every_statement_that_the_rules_look_up_must_be_there(
    problems_of, small_content
):
    folder = small_content()
    labels = (folder / "labels.yaml").read_text().replace("NO_DATA:", "NONE_DATA:")
    statements = (folder / "rules/statements/all.yaml").read_text().replace("NOT_LINKED:", "X:")
    problems = problems_of({"labels.yaml": labels, "rules/statements/all.yaml": statements})
    assert (
        "labels: label NO_DATA is missing. Allowed: a definition of every label that a table"
        in ("\n".join(problems))
    )
    assert "rules/statements: statement NOT_LINKED is missing. Allowed: a statement" in (
        "\n".join(problems)
    )


def test_a_statement_that_nothing_names_is_a_problem(problems_of):
    problems = problems_of(
        {"rules/statements/more.yaml": "UNHEARD: {text: A., cites: [{passage: 1.first}]}\n"}
    )
    assert problems == [
        "rules/statements/more.yaml:1: UNHEARD: no table and no route names this statement."
    ]


def test_the_route_and_the_step_for_days_without_facts_must_be_there(problems_of):
    problems = problems_of({"workflow/routes.yaml": None, "workflow/steps.yaml": None})
    assert problems[-3:] == [
        "workflow/routes: route DAY_NOT_COVERED is missing."
        " Allowed: a route for each reason why no table may be asked",
        "workflow/routes: route RULES_NOT_IN_LAYERS is missing."
        " Allowed: a route for each reason why no table may be asked",
        "workflow/steps: step CHECK_GATEWAY_COUNTRY_LIST is missing."
        " Allowed: the action for when no table may be asked",
    ]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ("steps: [SHARE]", ".steps[1]: there is no step SHARE."),
        (
            "brand_may: [{because: SAID, asks_for: [SHARE]}]",
            ".brand_may[1].asks_for[1]: there is no step SHARE.",
        ),
        (
            "brand_may: [SAIT]",
            ".brand_may[1].because: there is no statement SAIT (did you mean SAID?).",
        ),
        ("brand_may_not: [NO]", ""),
        (
            "when: {gateway_profile: LINKT}",
            ".when[1].gateway_profile: LINKT is not a value of gateway_profile (did you mean"
            " LINKED?). Allowed: UNKNOWN, NONE, EXISTS_UNLINKED, LINKED",
        ),
    ],
)
def test_what_is_wrong_with_a_route_is_named(problems_of, fields, problem):
    _, *others = ROUTE.splitlines()
    routes = (f"UNDETERMINED: {{title: A, because: SAID, {fields}}}", *others)
    problems = problems_of({"workflow/routes.yaml": "\n".join(routes)})
    if not problem:
        problem = (
            '.brand_may_not[1]: NO without quotes is read as false. Allowed: "NO" in quotes if'
            " text is meant"
        )
        problems = problems[:1]
    assert problems == [f"workflow/routes.yaml:1: UNDETERMINED{problem}"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "routes: [UNDETERMINED]",
            "routes: [UNDETERMINT]",
            ".routes[1]: there is no route UNDETERMINT (did you mean UNDETERMINED?).",
        ),
        (
            "state: UNKNOWN",
            "state: UNKNOWN, warnings: [GAP]",
            ".warnings[1]: there is no warning GAP.",
        ),
        ("state: UNKNOWN", "state: UNKNOWN, actions: [ASK]", ".actions[1]: there is no step ASK."),
        (
            "state: UNKNOWN",
            "state: UNKNOWN, blockers: [NOT_LINKT]",
            ".blockers[1].code: NOT_LINKT is not a known value (did you mean NOT_LINKED?). Allowed:"
            " INTEREST_NOT_DECLARED, NO_GATEWAY_PROFILE, NOT_LINKED, SELF_ASSESSMENT_NOT_DONE,"
            " SELF_ASSESSMENT_MISSED, LINK_MISSED, WINDOW_MISSED, NOT_ENROLLED,"
            " COUNTRY_NOT_ROLLED_OUT, NEEDS_SCOPE, NEEDS_ENROLMENT, COUNTRY_UNKNOWN,"
            " CONTRADICTORY_INPUT",
        ),
        (
            "state: UNKNOWN",
            'state: UNKNOWN, blockers: [{code: NOT_LINKED, when: {enroled: "NO"}}]',
            ".blockers[1].when[1].enroled: enroled is not a known input (did you mean enrolled?)."
            " Allowed: country_kind, enrolled, in_scope, capacity_available, assessment, interest,"
            " gateway_profile, self_assessed_before, step_1_self_assessed, registration,"
            " publication, service_cycle, interest_next, assessed_by, sharing",
        ),
    ],
)
def test_what_is_wrong_with_what_a_row_decides_is_named(
    problems_of, small_content, old, new, problem
):
    text = (small_content() / "rules/tables/a.yaml").read_text()
    assert problems_of({"rules/tables/a.yaml": text.replace(old, new)}) == [
        f"rules/tables/a.yaml:7: A.rows[1].then{problem}"
    ]


def test_a_label_and_a_tool_version_that_do_not_exist_are_named(problems_of, small_content):
    folder = small_content()
    labels = (folder / "rules/tables/c.yaml").read_text().replace("SELF_STEP1:", "SELF_STEP2:")
    tool = (folder / "rules/tables/e.yaml").read_text().replace('"1.4"', '"1.5"')
    problems = problems_of({"rules/tables/c.yaml": labels, "rules/tables/e.yaml": tool})
    assert [problem.partition(" Allowed")[0] for problem in problems] == [
        "rules/tables/c.yaml:7: C.rows[1].then.labels.SELF_STEP2: SELF_STEP2 is not a known value"
        " (did you mean SELF_STEP1?).",
        "rules/tables/e.yaml:7: E.rows[1].then.tool_version: there is no Tool version 1.5.",
    ]


def test_a_warning_names_an_ambiguity_that_is_recorded(problems_of):
    text = (
        "GAP: {code: TABLE_GAP, text: A gap., ambiguity: Q7, when: {enrolled: MAYBE},"
        " cites: [{passage: 7.first}]}\n"
    )
    assert problems_of({"rules/warnings.yaml": text}) == [
        "rules/warnings.yaml:1: GAP.ambiguity: there is no ambiguity Q7.",
        "rules/warnings.yaml:1: GAP.when[1].enrolled: MAYBE is not a value of enrolled."
        " Allowed: YES, NO, UNKNOWN",
    ]


def test_a_warning_is_said_with_passages_that_are_there(problems_of):
    text = (
        "GAP: {code: TABLE_GAP, text: A gap., said_with: [7.first, 7.frist],"
        " cites: [{passage: 7.first}]}\n"
    )
    assert problems_of({"rules/warnings.yaml": text}) == [
        "rules/warnings.yaml:1: GAP.said_with[2]: there is no passage 7.frist"
        " (did you mean 7.first?)."
    ]


def test_an_ambiguity_is_filed_under_its_number(problems_of):
    text = (
        "gap: {title: A, tension: A, safe_behaviour: A, ask: SLCP, cites: [{passage: 7.first}]}\n"
    )
    assert problems_of({"ambiguities.yaml": text}) == [
        "ambiguities.yaml:1: gap: the key has the wrong form. Allowed: Q1, Q2, and so on"
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [("In {county}.", "{county}"), ("From {tool} on.", "{tool}"), ("Open {country", "{")],
)
def test_a_placeholder_that_is_not_filled_in_is_a_problem(
    problems_of, small_content, text, written
):
    statements = (small_content() / "rules/statements/all.yaml").read_text()
    changed = statements.replace("SAID: {text: A sentence.", f'SAID: {{text: "{text}"')
    assert problems_of({"rules/statements/all.yaml": changed}) == [
        f"rules/statements/all.yaml:1: SAID.text: {written} is not filled in."
        " Allowed: {country} and {first_day} in the text"
    ]


def test_the_country_and_its_first_day_are_filled_in(problems_of, small_content):
    statements = (small_content() / "rules/statements/all.yaml").read_text()
    said = 'SAID: {text: "From {first_day} on in {country}."'
    changed = statements.replace("SAID: {text: A sentence.", said)
    assert problems_of({"rules/statements/all.yaml": changed}) == []
