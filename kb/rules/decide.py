"""The one function that joins the rules: profile, rulebook, day and layers in, answer out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from kb.rules.evidence import Citation, Explained, distinct
from kb.rules.facts import Layers
from kb.rules.inputs import AssessedBy, AssessmentKind, FacilityProfile
from kb.rules.missing import settling
from kb.rules.outcomes import (
    Applicability,
    ApplicabilityWarning,
    ApplicableFaq,
    ApplicableFee,
    AssessmentDecision,
    Blocker,
    CountryStatus,
    DataLabel,
    LabelScope,
    MissingInput,
    SharingDecision,
)
from kb.rules.rulebook import (
    Actor,
    BlockerCode,
    ConditionalBlocker,
    DataPart,
    Rulebook,
    SharingChannel,
    SharingStatus,
)
from kb.rules.settle import Settled, settle, step_of
from kb.rules.tables import any_holds, trace_of
from kb.rules.wording import Wording
from kb.rules.workflow import workflow_of

# Where sharing is open or may still open this cycle, both standard channels of the Gateway are
# there (FAQ 11).
_OPEN = {SharingStatus.SHAREABLE_NOW, SharingStatus.ON_TRACK, SharingStatus.NOT_YET}


def decide(
    profile: FacilityProfile, rulebook: Rulebook, as_of: date, layers: Layers
) -> Applicability:
    """Decide and explain what applies to every facility with this profile on a day.

    Raises nothing for a day or country that is not covered: that is an answer of its own, with
    an undetermined assessor and the blocker COUNTRY_UNKNOWN.
    """
    settled = settle(profile, rulebook, as_of, layers)
    wording = Wording(rulebook, profile.country, layers)

    assessment = _assessment(settled, wording)
    blockers = _blockers(settled, wording)
    workflow = workflow_of(settled, rulebook, wording, blockers)
    sharing = _sharing(settled, rulebook, wording, workflow.route)
    labels = _labels(settled, wording)
    fees = _fees(settled, wording)
    warnings = _warnings(settled, rulebook, wording)
    missing = _missing(profile, rulebook, as_of, layers, wording) if settled.kind else ()
    country = _country(settled, profile.country, assessment, wording)

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
    )
    citations = distinct(citation for one in weighty for citation in one.citations)
    return Applicability(
        profile=profile,
        assessment=assessment,
        sharing=sharing,
        workflow=workflow,
        data_labels=labels,
        country=country,
        fees=fees,
        faqs=_faqs(settled, rulebook, citations, wording) if settled.asked else (),
        missing=missing,
        warnings=warnings,
        trace=tuple(
            outcome for table, inputs in settled.asked for outcome in trace_of(table, inputs)
        ),
        citations=citations,
    )


def _assessment(settled: Settled, wording: Wording) -> AssessmentDecision:
    result = settled.assessment
    provisional = result.provisional_when is not None and any_holds(
        result.provisional_when, settled.inputs
    )
    tool = wording.say(settled.tool.because if settled.tool else result.because)
    return AssessmentDecision(
        **wording.parts(result.because),
        assessed_by=result.assessed_by,
        provisional=provisional,
        fallback=result.fallback if provisional else None,
        verifier_excluded=result.verifier_excluded,
        # FAQs 17 and 18: Better Work assesses Step 1 only; for others no Step is stated.
        steps_assessed=(1,) if result.assessed_by is AssessedBy.BETTER_WORK else (),
        tool_version=settled.tool.tool_version if settled.tool else None,
        law_overlay=settled.tool.law_overlay if settled.tool else None,
        tool=tool,
    )


def _blockers(settled: Settled, wording: Wording) -> tuple[Blocker, ...]:
    rules: tuple[ConditionalBlocker, ...] = settled.assessment.blockers
    if settled.sharing:
        rules += settled.sharing.blockers
    return tuple(
        Blocker(code=BlockerCode(rule.code), **wording.parts(rule.code))
        for rule in rules
        if any_holds(rule.when, settled.inputs)
    )


def _sharing(
    settled: Settled, rulebook: Rulebook, wording: Wording, route_code: str
) -> SharingDecision:
    because = settled.sharing.because if settled.sharing else settled.assessment.sharing_because
    route = rulebook.routes[route_code]
    return SharingDecision(
        **wording.parts(because or settled.assessment.because),
        status=settled.status,
        deadline=settled.sharing.deadline if settled.sharing else None,
        channels=tuple(SharingChannel) if settled.status in _OPEN else (),
        who_decides=Actor.FACILITY,  # FAQ 19
        brand_may=tuple(wording.say(code) for code in route.brand_may),
        brand_may_not=tuple(wording.say(code) for code in route.brand_may_not),
    )


def _labels(settled: Settled, wording: Wording) -> tuple[DataLabel, ...]:
    # The VCC subset divides Step 1 only where there was a VCC by Better Work.
    divided = (
        settled.assessment.assessed_by is AssessedBy.BETTER_WORK
        and settled.inputs["assessment"] == AssessmentKind.VCC
    )
    labels = []
    for part, result in settled.labels.items():
        scope = LabelScope.ALL
        if divided and part is DataPart.STEP_1_IN_VCC:
            scope = LabelScope.IN_VCC_SUBSET
        elif divided and part is DataPart.STEP_1_OUTSIDE_VCC:
            scope = LabelScope.OUTSIDE_VCC_SUBSET
        elif part is DataPart.STEP_1_OUTSIDE_VCC:
            continue
        labels += [
            DataLabel(step=step_of(part), scope=scope, code=code, **wording.parts(because))
            for code, because in result.labels.items()
        ]
    return tuple(labels)


def _fees(settled: Settled, wording: Wording) -> tuple[ApplicableFee, ...]:
    if settled.fees is None:
        return ()
    return tuple(
        ApplicableFee(
            code=fee.code, charge=fee.charge, payer=fee.payer, **wording.parts(fee.because)
        )
        for fee in settled.fees.fees
    )


def _warnings(
    settled: Settled, rulebook: Rulebook, wording: Wording
) -> tuple[ApplicabilityWarning, ...]:
    ids = settled.assessment.warnings + (settled.sharing.warnings if settled.sharing else ())
    rules = [(one, rulebook.warnings[one]) for one in ids]
    return tuple(
        ApplicabilityWarning(
            **wording.filled(id_, rule.text, rule.citations),
            code=rule.code,
            ambiguity=rule.ambiguity,
        )
        for id_, rule in rules
        if any_holds(rule.when, settled.inputs)
    )


def _missing(
    profile: FacilityProfile, rulebook: Rulebook, as_of: date, layers: Layers, wording: Wording
) -> tuple[MissingInput, ...]:
    ranked = settling(profile, rulebook, as_of, layers)
    return tuple(
        MissingInput(
            input=question, rank=rank, settles=settles, **wording.parts(f"MISSING_{question}")
        )
        for rank, (question, settles) in enumerate(ranked, start=1)
    )


def _country(
    settled: Settled, code: str, assessment: AssessmentDecision, wording: Wording
) -> CountryStatus:
    fact = settled.fact
    return CountryStatus(
        **wording.filled(fact.value or "", fact.text, fact.citations)
        if fact is not None
        else wording.parts(assessment.because),
        code=code,
        name=wording.country_name,
        kind=settled.kind,
        fact=fact,
    )


def _faqs(
    settled: Settled, rulebook: Rulebook, citations: Iterable[Citation], wording: Wording
) -> tuple[ApplicableFaq, ...]:
    cited = [citation.faq_number for citation in citations]
    applying = [rule for rule in rulebook.faqs if any_holds(rule.applies_when, settled.inputs)]
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
