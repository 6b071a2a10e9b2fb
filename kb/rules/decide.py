"""The one function that joins the rules: profile, rulebook, day and layers in, answer out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from kb.rules.codes import Actor, BlockerCode, DataPart, SharingStatus
from kb.rules.evidence import Citation, Explained, Sentence, distinct
from kb.rules.facts import Layers
from kb.rules.inputs import (
    ASSESSED,
    AssessedBy,
    AssessmentKind,
    FacilityProfile,
    SharingChannel,
    Ternary,
)
from kb.rules.match_rows import MatchedRows, match_rows, step_of
from kb.rules.missing import worth_asking
from kb.rules.outcomes import (
    Applicability,
    ApplicabilityWarning,
    ApplicableFaq,
    ApplicableFee,
    AssessmentDecision,
    Blocker,
    BrandStatement,
    CountryStatus,
    DataLabel,
    LabelScope,
    MissingInput,
    SharingDecision,
    Workflow,
)
from kb.rules.public_record import RELIANCE, Reliance, public_record_of
from kb.rules.rulebook import Route, Rulebook
from kb.rules.tables import any_holds, statement_for, trace_of
from kb.rules.wording import Wording
from kb.rules.workflow import in_time, is_done, there, workflow_of

# Where sharing is open or may still open this cycle, both standard channels of the Gateway are
# there (FAQ 11).
_OPEN = {SharingStatus.SHAREABLE_NOW, SharingStatus.ON_TRACK, SharingStatus.NOT_YET}
_NEEDS_MORE = {SharingStatus.NOT_YET, SharingStatus.NOT_THIS_CYCLE}


def decide(
    profile: FacilityProfile,
    rulebook: Rulebook,
    as_of: date,
    layers: Layers,
    reliance: Reliance = RELIANCE,
) -> Applicability:
    """Decide and explain what applies to every facility with this profile on a day.

    Raises nothing for a day or country that is not covered: that is an answer of its own, with
    an undetermined assessor and the blocker COUNTRY_UNKNOWN. `reliance` tells how old facts may be.
    """
    rows = match_rows(profile, rulebook, as_of, layers)
    wording = Wording(rulebook, profile.country, layers, rows.fact)

    assessment = _assessment(rows, wording)
    blockers = _blockers(rows, wording)
    workflow = workflow_of(rows, rulebook, wording, blockers)
    sharing = _sharing(rows, rulebook, wording, workflow)
    labels = _labels(rows, wording)
    fees = _fees(rows, wording)
    public_record = public_record_of(rows, rulebook, as_of, layers, wording, reliance)
    warnings = _warnings(rows, rulebook, wording) + public_record.warnings
    missing = _missing(profile, rulebook, as_of, layers, wording)
    country = _country(rows, profile.country, assessment, wording)

    # In the order of weight: what comes first here is cited first and ranks its FAQ first.
    weighty: tuple[Explained, ...] = (
        *workflow.next_actions[:1],
        *blockers,
        assessment,
        sharing,
        *workflow.next_actions[1:],
        *labels,
        *fees,
        *warnings,
        *missing,
        assessment.tool,
        workflow,
        *workflow.steps,
        *sharing.brand_may,
        *sharing.brand_may_not,
        country,
        *public_record.facts,
    )
    citations = distinct(citation for outcome in weighty for citation in outcome.citations)
    return Applicability(
        profile=profile,
        assessment=assessment,
        sharing=sharing,
        workflow=workflow,
        data_labels=labels,
        country=country,
        fees=fees,
        faqs=_faqs(rows, rulebook, citations, wording) if rows.tables else (),
        missing=missing,
        warnings=warnings,
        later_facts=public_record.facts,
        trace=tuple(
            outcome
            for table, inputs in rows.tables
            for outcome in trace_of(table, inputs, rulebook)
        ),
        citations=citations,
    )


def with_warning(answer: Applicability, rulebook: Rulebook, name: str) -> Applicability:
    """The answer with one more warning, for what a profile cannot tell, and its sources."""
    rule = rulebook.warnings[name]
    warning = ApplicabilityWarning(
        because=name,
        text=rule.text,
        sentence=Sentence(rule.text, {}),
        citations=rule.citations,
        code=rule.code,
        ambiguity=rule.ambiguity,
    )
    citations = distinct((*answer.citations, *rule.citations))
    return replace(answer, warnings=(*answer.warnings, warning), citations=citations)


def _assessment(rows: MatchedRows, wording: Wording) -> AssessmentDecision:
    result = rows.assessment
    provisional = result.provisional_when is not None and any_holds(
        result.provisional_when, rows.inputs
    )
    return AssessmentDecision(
        **wording.parts(rows.because),
        assessed_by=result.assessed_by,
        provisional=provisional,
        fallback=result.fallback if provisional else None,
        verifier_excluded=result.verifier_excluded,
        # FAQs 17 and 18: Better Work assesses Step 1 only; for others no Step is stated.
        steps_assessed=(1,) if result.assessed_by is AssessedBy.BETTER_WORK else (),
        tool_version=rows.tool.tool_version if rows.tool else None,
        law_overlay=rows.tool.law_overlay if rows.tool else None,
        tool=wording.say(rows.tool.because if rows.tool else rows.because),
    )


def _blockers(rows: MatchedRows, wording: Wording) -> tuple[Blocker, ...]:
    return tuple(
        Blocker(code=BlockerCode(rule.code), **wording.parts(rule.because or rule.code))
        for rule in rows.blockers
        if any_holds(rule.when, rows.inputs)
    )


def _sharing(
    rows: MatchedRows, rulebook: Rulebook, wording: Wording, workflow: Workflow
) -> SharingDecision:
    if rows.sharing:
        because = statement_for(rows.sharing.because, rows.sharing.instead, rows.inputs)
    else:
        because = rows.assessment.sharing_because or rows.because
    enrolled = rows.inputs["enrolled"] == Ternary.YES
    deadlines = [action.deadline for action in workflow.next_actions if action.deadline]
    route = rulebook.routes[workflow.route]
    return SharingDecision(
        **wording.parts(because),
        status=rows.status,
        # What comes first comes in time for the rest as well; where all that sharing needs was done
        # in time, what is due is due for the next service cycle.
        deadline=next(iter(deadlines), None) if enrolled and rows.status in _NEEDS_MORE else None,
        channels=tuple(SharingChannel) if rows.status in _OPEN else (),
        who_decides=Actor.FACILITY,  # FAQ 19
        brand_may=tuple(_brand_may(route, rows, rulebook, wording, workflow)),
        brand_may_not=tuple(wording.say(code) for code in route.brand_may_not),
    )


def _brand_may(
    route: Route, rows: MatchedRows, rulebook: Rulebook, wording: Wording, workflow: Workflow
) -> Iterator[BrandStatement]:
    """What a brand may do now: it asks for nothing that is done, or that leads nowhere."""
    coming = {action.code: action.deadline for action in workflow.next_actions}
    contradictory = any(
        blocker.code is BlockerCode.CONTRADICTORY_INPUT for blocker in workflow.blockers
    )
    if rows.status is SharingStatus.UNDETERMINED and not contradictory:
        # Too little is known to tell what comes next, but what is done is known to be done.
        assessed = rows.inputs["assessment"] in ASSESSED
        still_open = {
            code: in_time(rulebook.steps[code].deadline, for_next_cycle=assessed)
            for code in there(route.steps, rulebook, rows.inputs)
            if not is_done(rulebook.steps[code], rows.inputs)
        }
        coming = still_open | coming
    for rule in route.brand_may:
        open_steps = [code for code in rule.asks_for if code in coming]
        if (open_steps or not rule.asks_for) and any_holds(rule.when, rows.inputs):
            deadlines = [coming[code] for code in open_steps if coming[code]]
            yield BrandStatement(
                **wording.parts(rule.because),
                deadline=rule.deadline or next(iter(deadlines), None),
            )


def _labels(rows: MatchedRows, wording: Wording) -> tuple[DataLabel, ...]:
    # The VCC subset divides Step 1 only where there was a VCC by Better Work.
    divided = (
        rows.assessment.assessed_by is AssessedBy.BETTER_WORK
        and rows.inputs["assessment"] == AssessmentKind.VCC
    )
    labels: list[DataLabel] = []
    for part, (result, inputs) in rows.labels.items():
        scope = LabelScope.ALL
        if divided and part is DataPart.STEP_1_IN_VCC:
            scope = LabelScope.IN_VCC_SUBSET
        elif divided and part is DataPart.STEP_1_OUTSIDE_VCC:
            scope = LabelScope.OUTSIDE_VCC_SUBSET
        elif part is DataPart.STEP_1_OUTSIDE_VCC:
            continue
        labels += [
            DataLabel(
                step=step_of(part),
                scope=scope,
                code=code,
                **wording.parts(statement_for(because, result.instead, inputs)),
            )
            for code, because in result.labels.items()
        ]
    return tuple(labels)


def _fees(rows: MatchedRows, wording: Wording) -> tuple[ApplicableFee, ...]:
    if rows.fees is None:
        return ()
    return tuple(
        ApplicableFee(
            code=fee.code, charge=fee.charge, payer=fee.payer, **wording.parts(fee.because)
        )
        for fee in rows.fees.fees
    )


def _warnings(
    rows: MatchedRows, rulebook: Rulebook, wording: Wording
) -> tuple[ApplicabilityWarning, ...]:
    # Of what is inferred, older releases have no warning.
    rules = [(name, rulebook.warnings[name]) for name in rows.warnings if name in rulebook.warnings]
    return tuple(
        ApplicabilityWarning(
            **wording.filled(name, rule.text, rule.citations),
            code=rule.code,
            ambiguity=rule.ambiguity,
        )
        for name, rule in rules
        if any_holds(rule.when, rows.inputs)
    )


def _missing(
    profile: FacilityProfile, rulebook: Rulebook, as_of: date, layers: Layers, wording: Wording
) -> tuple[MissingInput, ...]:
    ranked = worth_asking(profile, rulebook, as_of, layers)
    return tuple(
        MissingInput(
            input=question, rank=rank, settles=share, **wording.parts(f"MISSING_{question}")
        )
        for rank, (question, share) in enumerate(ranked, start=1)
    )


def _country(
    rows: MatchedRows, code: str, assessment: AssessmentDecision, wording: Wording
) -> CountryStatus:
    fact = rows.fact
    return CountryStatus(
        **wording.filled(fact.value or "", fact.text, fact.citations)
        if fact is not None
        else wording.parts(assessment.because),
        code=code,
        name=wording.country_name,
        kind=rows.kind,
        fact=fact,
    )


def _faqs(
    rows: MatchedRows, rulebook: Rulebook, citations: Iterable[Citation], wording: Wording
) -> tuple[ApplicableFaq, ...]:
    cited = [citation.faq_number for citation in citations]
    applying = [rule for rule in rulebook.faqs if any_holds(rule.applies_when, rows.inputs)]
    # First those the decision rests on, by weight; then the others by number.
    applying.sort(key=lambda rule: cited.index(rule.number) if rule.number in cited else len(cited))
    return tuple(
        ApplicableFaq(
            number=rule.number,
            rank=rank,
            **wording.filled(f"FAQ_{rule.number}_APPLIES", rule.applies_because, (rule.citation,)),
        )
        for rank, rule in enumerate(applying, start=1)
    )
