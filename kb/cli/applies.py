"""The command what-applies: the answer for one facility, or for a profile that belongs to none."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from kb.cli.applies_query import FACILITY_QUERY, PROFILE_QUERY
from kb.cli.operations import data_of, global_id_of, json_text, one_facility, viewer_for
from kb.cli.output import say, show, show_text, table
from kb.cli.profiles import profile_from, profile_variables
from kb.cli.running import database
from kb.errors import InvalidInputError
from kb.rules.days import local_days, read_day
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import ALL_LAYERS, Layers
from kb.rules.inputs import FacilityProfile
from kb.rules.outcomes import Applicability
from kb.settings import Settings


@dataclass(frozen=True, slots=True)
class AppliesOptions:
    """What the caller wants to know of: a facility by its id, or a profile; a day; layers."""

    facility: str | None
    profile: FacilityProfile | None
    as_of: date | None
    layers: Layers | None


def what_applies(
    facility: Annotated[
        str | None,
        typer.Argument(
            metavar="FACILITY",
            help="Its OS ID, Gateway ID, Better Work ID, or its number in this database.",
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="KEY=VALUE,…",
            help="A profile instead of a facility, such as country=VN,enrolled=YES.",
        ),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The day; today if not given.")
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(metavar="LAYER,…", help=f"Only from: {', '.join(KnowledgeLayer)}."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="The same data as the GraphQL query, as JSON.")
    ] = False,
    trace: Annotated[
        bool, typer.Option("--trace", help="Also every row of the tables that was tried.")
    ] = False,
) -> None:
    """Tell what applies to a facility: who assesses, what can be shared, what to do next."""
    if (facility is None) == (profile is None):
        raise InvalidInputError(
            "FACILITY", facility or "", "either FACILITY or --profile, and not both"
        )
    question = AppliesOptions(
        facility=facility,
        profile=None if profile is None else profile_from(profile),
        as_of=None if as_of is None else read_day("--as-of", as_of),
        layers=None if layers is None else _layers(layers),
    )
    if as_json:
        asyncio.run(_print_json(question))
        return
    text, answer = asyncio.run(_answer(question))
    show_text(text)
    if trace and answer.trace:
        show(_trace(answer))
    elif trace:
        say("No row of any table was tried.")


async def _answer(question: AppliesOptions) -> tuple[str, Applicability]:
    from kb.services.facilities import what_applies as answers
    from kb.services.facilities.columns import cycles_of_view
    from kb.services.facilities.histories import as_they_stood, cycles_now
    from kb.services.knowledge.holder import load_knowledge

    now = datetime.now(UTC)
    settings = Settings()
    async with database(settings):
        viewer = await viewer_for(question.facility, settings)
        knowledge = await load_knowledge(settings.reliance)
        subject: Any = question.profile
        name = None
        cycles: Any = ()
        if question.facility is not None:
            facility = await one_facility(question.facility, viewer)
            name = facility.name
        where = question.profile.country if question.profile else facility.country
        today = local_days(where, now).today
        as_of = question.as_of or today
        if question.facility is not None:
            subject = (await as_they_stood([facility], as_of, now, viewer))[0]
            told = (
                cycles_of_view(subject.cycles, viewer)
                if as_of < today
                else (await cycles_now([facility.id], viewer))[facility.id]
            )
            cycles = answers.cycles_of(told, knowledge, as_of, question.layers or ALL_LAYERS)
    layers = question.layers or ALL_LAYERS
    answer = answers.what_applies(subject, knowledge, as_of, layers, viewer=viewer)
    letter = answers.summary_of(
        answer, knowledge, as_of, layers, today=today, facility_name=name, cycles=cycles
    )
    return letter, answer


async def _print_json(question: AppliesOptions) -> None:
    variables: dict[str, Any] = {
        "asOf": question.as_of.isoformat() if question.as_of else None,
        "layers": sorted(question.layers) if question.layers else None,
    }
    if question.profile is not None:
        query, path = PROFILE_QUERY, ["whatIf"]
        variables["profile"] = profile_variables(question.profile)
    else:
        query, path = FACILITY_QUERY, ["facility", "whatApplies"]
        variables["by"] = {"id": await global_id_of(question.facility or "")}
    data = await data_of(query, variables, anonymous=question.profile is not None)
    for name in path:
        data = data[name]
    say(json_text(data))


def _trace(answer: Applicability) -> Table:
    shown = table("Row", "Holds", "Inputs tried")
    for tried in answer.trace:
        inputs = "\n".join(
            f"{'✓' if rule_input.matched else '✗'} {rule_input.name} = {rule_input.value}"
            + ("" if rule_input.matched else f" (accepted: {', '.join(rule_input.accepts)})")
            for rule_input in tried.inputs
        )
        shown.add_row(tried.row, "yes" if tried.matched else "no", inputs)
    return shown


def _layers(text: str) -> Layers:
    names = [name.strip().upper() for name in text.split(",") if name.strip()]
    for name in names or [text]:
        if name not in list(KnowledgeLayer):
            raise InvalidInputError("--layers", name, ", ".join(KnowledgeLayer))
    return frozenset(map(KnowledgeLayer, names))
