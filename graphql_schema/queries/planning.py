# ruff: noqa: D102 - the description of a field says what it means
"""Root fields that look ahead: many profiles at once, the next question, ways to a goal."""

import asyncio
from typing import Annotated

import strawberry

from graphql_schema.context import Info
from graphql_schema.presenter import resolver
from graphql_schema.queries.facilities import locate
from graphql_schema.snapshot import AsOf, LayersWanted, LocaleWanted
from graphql_schema.types.applicability import Applicability, DatedDecision, decide, decide_profile
from graphql_schema.types.inputs import FacilityLocator, FacilityProfileInput
from graphql_schema.types.planning import GoalInput, NextQuestion, SaidQuestion, WhatWouldChange
from kb.errors import InvalidInputError
from kb.rules import counterfactual
from kb.rules.codes import ProfileQuestion
from kb.rules.counterfactual import Goal
from kb.rules.wording import in_words

MOST_PROFILES = 100


@strawberry.type
class PlanningQueries:
    """Open to all for a profile; for a facility, to those who may read what applies to it."""

    @resolver(
        f"What would apply to each of up to {MOST_PROFILES} profiles, in their order. Nothing is "
        "stored.",
        list[Applicability],
    )
    async def what_ifs(
        self,
        info: Info,
        profiles: Annotated[
            list[FacilityProfileInput],
            strawberry.argument(description="Facilities as they might be."),
        ],
        as_of: AsOf = None,
        layers: LayersWanted = None,
        locale: LocaleWanted = None,
    ) -> list[DatedDecision]:
        context = info.context
        if len(profiles) > MOST_PROFILES:
            raise InvalidInputError(
                "profiles", f"{len(profiles)} profiles", f"at most {MOST_PROFILES}"
            )
        answers = []
        for profile in profiles:
            snapshot = context.snapshot_on(as_of, layers, country=profile.country)
            answers.append(decide_profile(context, profile.profile(), snapshot, locale))
            await asyncio.sleep(0)  # a decision takes about a millisecond; others get their turn
        return answers

    @resolver(
        "The question about a profile whose answer settles most, with its answers in words. Give "
        "the value chosen to the profile's `field` and ask again, or add the question to "
        "`notKnown`. Null when no answer that fits what is known would change what applies: "
        "`whatIf` then tells it. One that contradicts it, such as that a factory is enrolled where "
        "no source knows of Better Work, is not asked for.",
        NextQuestion | None,
    )
    async def next_question(
        self,
        info: Info,
        profile: Annotated[
            FacilityProfileInput, strawberry.argument(description="What is known so far.")
        ],
        not_known: Annotated[
            list[ProfileQuestion] | None,
            strawberry.argument(description="What was asked already, and is not known."),
        ] = None,
        as_of: AsOf = None,
        layers: LayersWanted = None,
        locale: LocaleWanted = None,
    ) -> SaidQuestion | None:
        context = info.context
        snapshot = context.snapshot_on(as_of, layers, country=profile.country)
        question = await asyncio.to_thread(
            context.knowledge.decisions.next_question,
            profile.profile(),
            snapshot.as_of,
            snapshot.layers,
            not_known or (),
        )
        if question is None:
            return None
        served = context.serve_decisions(locale)
        return SaidQuestion(
            in_words(question, context.library.words.get(served.locale, {})), served
        )

    @resolver(
        "The smallest sets of changes after which a goal holds for a facility or a profile, each "
        "found by deciding again: who can make each change, and by when. Nothing is stored.",
        WhatWouldChange,
    )
    async def what_would_change(
        self,
        info: Info,
        goal: Annotated[GoalInput, strawberry.argument(description="What shall hold.")],
        profile: Annotated[
            FacilityProfileInput | None,
            strawberry.argument(description="A facility as it might be; or give `facility`."),
        ] = None,
        facility: Annotated[
            FacilityLocator | None,
            strawberry.argument(description="A facility by one of its ids; or give `profile`."),
        ] = None,
        as_of: AsOf = None,
        layers: LayersWanted = None,
        locale: LocaleWanted = None,
    ) -> counterfactual.WhatWouldChange:
        context = info.context
        if goal.assessed_by is None and goal.sharing is None:
            raise InvalidInputError("goal", "nothing", "assessedBy, sharing or both")
        if (profile is None) == (facility is None):
            raise InvalidInputError(
                "profile", "both or neither of the two", "either profile or facility"
            )
        if facility is not None:
            located = await locate(context, facility)
            decision = await decide(context, located, as_of, layers)
        else:
            assert profile is not None
            snapshot = context.snapshot_on(as_of, layers, country=profile.country)
            decision = decide_profile(context, profile.profile(), snapshot)
        decisions = context.knowledge.decisions
        wanted = (
            decision.english.profile,
            Goal(goal.assessed_by, goal.sharing),
            decision.snapshot.as_of,
            decision.snapshot.layers,
        )
        would_change = decisions.kept_ways(*wanted)
        if would_change is None:
            would_change = await asyncio.to_thread(decisions.what_would_change, *wanted)
        served = context.serve_decisions(locale)
        return in_words(would_change, context.library.words.get(served.locale, {}))
