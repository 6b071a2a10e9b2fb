"""The form in which tests write down every field of an answer that a client reads."""

from __future__ import annotations

from dataclasses import dataclass

from kb.rules.outcomes import Applicability

FEES_OF_ENROLLED = (
    "BETTER_WORK_SERVICE CONTINUES FACILITY, GATEWAY_REGISTRATION NONE, "
    "HOST_SHARING POSSIBLE FACILITY, VERIFICATION NOT_APPLICABLE"
)
FEES_OF_UNDETERMINED = (
    "GATEWAY_REGISTRATION NONE, HOST_SHARING POSSIBLE FACILITY, "
    "BETTER_WORK_SERVICE NOT_STATED, VERIFICATION NOT_STATED"
)


@dataclass(frozen=True)
class Expected:
    """What an answer says, each list in its order."""

    assessment: str
    workflow: str
    steps: str
    actions: str
    blockers: str
    sharing: str
    brand: str
    labels: str
    fees: str
    missing: str
    warnings: str
    faqs: list[int]


def said(*parts: object) -> str:
    return " ".join(str(part) for part in parts if part not in (None, "", ()))


def shown(answer: Applicability) -> Expected:
    """The answer in the form of the table below."""
    assessment, sharing, workflow = answer.assessment, answer.sharing, answer.workflow
    return Expected(
        assessment=said(
            assessment.because,
            assessment.assessed_by,
            "provisional" if assessment.provisional else "",
            f"else {assessment.fallback}" if assessment.fallback else "",
            "no Verifier" if assessment.verifier_excluded else "",
            f"Steps {assessment.steps_assessed}" if assessment.steps_assessed else "",
            assessment.tool_version,
            f"overlay {assessment.law_overlay}",
        ),
        workflow=said(workflow.route, workflow.state),
        steps=", ".join(f"{step.code} {step.state}" for step in workflow.steps),
        actions=", ".join(
            said(action.code, action.actor, action.event, action.deadline, action.advised)
            for action in workflow.next_actions
        ),
        blockers=said(*(blocker.code for blocker in workflow.blockers)),
        sharing=said(sharing.because, sharing.status, sharing.deadline, *sharing.channels),
        brand=said(
            *(may.because for may in sharing.brand_may),
            "but",
            *(may_not.because for may_not in sharing.brand_may_not),
        ),
        labels=", ".join(
            said(label.step, label.scope, label.code, label.because) for label in answer.data_labels
        ),
        fees=", ".join(said(fee.code, fee.charge, fee.payer) for fee in answer.fees),
        missing=", ".join(
            said(question.rank, question.input, question.settles) for question in answer.missing
        ),
        warnings=", ".join(
            said(warning.code, warning.because, warning.ambiguity) for warning in answer.warnings
        ),
        faqs=[faq.number for faq in answer.faqs],
    )
