/** The values of the API in words, and how good or bad they are. */
import { intlLocale, number, t } from './texts.js';

const WORDS = {
  sharing: {
    SHAREABLE_NOW: ['Shared, or can be shared', 'good'],
    ON_TRACK: ['On track', 'good'],
    NOT_YET: ['Not yet', 'warn'],
    NOT_THIS_CYCLE: ['Not in this cycle', 'bad'],
    NOT_APPLICABLE: ['By the standard process', 'calm'],
    UNDETERMINED: ['Not clear', 'calm'],
  },
  assessedBy: {
    BETTER_WORK: ['Better Work'],
    VERIFIER_BODY: ['Verifier Body'],
    UNDETERMINED: ['Not clear', 'calm'],
  },
  primaryBlocker: {
    INTEREST_NOT_DECLARED: ['Interest not declared', 'warn'],
    NO_GATEWAY_PROFILE: ['No Gateway profile', 'warn'],
    NOT_LINKED: ['Not linked', 'warn'],
    SELF_ASSESSMENT_NOT_DONE: ['Self-assessment not done', 'warn'],
    SELF_ASSESSMENT_MISSED: ['Self-assessment missed', 'bad'],
    LINK_MISSED: ['Link missed', 'bad'],
    WINDOW_MISSED: ['Declared too late', 'bad'],
    NOT_ENROLLED: ['Not enrolled', 'warn'],
    COUNTRY_NOT_ROLLED_OUT: ['No sign-off known', 'bad'],
    NEEDS_SCOPE: ['Scope not known', 'calm'],
    NEEDS_ENROLMENT: ['Enrolment not known', 'calm'],
    COUNTRY_UNKNOWN: ['Not known for the country', 'calm'],
    CONTRADICTORY_INPUT: ['Contradictory data', 'bad'],
    UNDETERMINED: ['Not known yet', 'calm'],
  },
  nextActor: {
    FACILITY: ['The factory'],
    COUNTRY_PROGRAMME: ['The country programme'],
    FOCAL_POINT: ['The focal point'],
    BETTER_WORK: ['Better Work'],
    SLCP: ['SLCP'],
    VERIFIER_BODY: ['A Verifier Body'],
    BRAND: ['The brand'],
    NATIONAL_CONSTITUENTS: ['The national constituents'],
    ACCREDITED_HOST: ['An Accredited Host'],
    HELPDESK: ['The helpdesk'],
    USER: ['Whoever entered the data'],
  },
  dataLabel: {
    BW_ASSESSED_STEP1: ['Better Work, on site'],
    BW_VCC_STEP1: ['Better Work, VCC'],
    SELF_STEP1: ['Step 1 self-assessed'],
    SELF_STEP1_OUTSIDE_VCC: ['Step 1 outside the VCC'],
    ENHANCED_SELF: ['Enhanced self-assessment'],
    SLCP_VERIFIED: ['SLCP-verified, once verified'],
    BW_ADVISORY_ONLY: ['Advisory report only'],
    PUBLIC_REPORTED: ['Publicly reported'],
    BW_PORTAL_ONLY: ['Better Work portal only'],
    DRAFT_SELF_ASSESSMENT: ['Draft self-assessment'],
    NO_DATA: ['No data'],
    UNDETERMINED: ['Not clear', 'calm'],
  },
  deadline: {
    BEFORE_ASSESSMENT: ['before the assessment'],
    BEFORE_NEXT_ASSESSMENT: ['before the next assessment'],
    BEFORE_NEXT_SERVICE_CYCLE: ['before the next service cycle'],
    IN_NEXT_SERVICE_CYCLE: ['in the next service cycle'],
  },
  stepState: {
    DONE: ['Done'],
    NEXT: ['Due now'],
    LATER: ['Later'],
    MISSED: ['Missed'],
    NOT_THIS_CYCLE: ['Not in this cycle'],
    NOT_RECORDED: ['Not recorded'],
  },
  citation: {
    STATED: ['stated'],
    COMBINED: ['read together'],
    DERIVED: ['derived'],
  },
  role: {
    FACILITY: ['Factory'],
    BRAND: ['Brand'],
    PROGRAMME_OFFICER: ['Programme'],
    SLCP_OFFICER: ['SLCP'],
    HELPDESK: ['Helpdesk'],
    ADMIN: ['Administrator'],
    CHATBOT: ['Chatbot'],
  },
  event: {
    INTEREST_DECLARED: ['Interest declared'],
    LINKED: ['Linked'],
    SELF_ASSESSMENT_COMPLETED: ['Self-assessed'],
    ASSESSED: ['Assessed'],
    DATA_SUBMITTED: ['Data sent to the Gateway'],
  },
};
WORDS.blocker = WORDS.primaryBlocker;

/** The values of `sharing` where it is not clear, and where it is. */
export const UNCLEAR = ['UNDETERMINED'];
const CLEAR = Object.keys(WORDS.sharing).filter((status) => !UNCLEAR.includes(status));

WORDS.standing = {
  ...WORDS.sharing,
  SHAREABLE_NOW: ['Can be shared', 'good'],
  SHARED: ['Shared', 'good'],
};

const NONE = { primaryBlocker: ['Nothing in the way', 'good'], nextActor: ['Nobody', 'good'] };
const TITLES = {
  sharing: 'Sharing',
  assessedBy: 'Assessed by',
  primaryBlocker: 'First in the way',
  blocker: 'In the way',
  nextActor: 'Who must act next',
  countries: 'Country',
  dataLabel: 'Data label',
  workflowState: 'State',
  route: 'Route',
  brandMay: 'A brand may',
};

const regions = new Intl.DisplayNames(intlLocale, { type: 'region', fallback: 'code' });

/** A value of a kind in words. */
export function wordsFor(kind, value) {
  if (value === null) return t(NONE[kind]?.[0] ?? 'None');
  if (kind === 'countries') return /^[A-Z]{2}$/.test(value) ? regions.of(value) : String(value);
  return t(WORDS[kind]?.[value]?.[0] ?? inWords(value));
}

/** What a facility is called by: whether it can share, or that it has. */
export function standingOf({ sharing, workflow }) {
  return workflow.state === 'SHARED' ? workflow.state : sharing.status;
}

/** 'good', 'warn', 'bad', 'calm' or nothing. */
export function toneOf(kind, value) {
  return (value === null ? NONE[kind] : WORDS[kind]?.[value])?.[1] ?? '';
}

/** By when to act: the earlier moment that is advised first, and then the last one that counts. */
export function deadlineInWords({ advised, deadline }) {
  if (!deadline) return [];
  const last = wordsFor('deadline', deadline);
  return advised ? [wordsFor('deadline', advised), t('at the latest {deadline}', { deadline: last })] : [last];
}

/** What went wrong, as far as the page has words for it; else those of the API. */
export function errorInWords({ code, message }) {
  return code === 'UNREACHABLE' ? t('The server does not answer.') : message;
}

export function titleOf(kind) {
  return t(TITLES[kind] ?? kind);
}

/**
 * The bars of what is first in the way, where nothing is for `unclear` of them, of which it is not
 * clear whether they can share.
 */
export function withUnclear(buckets, unclear) {
  const split = ({ count, filter }) => [
    { value: null, count: count - unclear, filter: { ...filter, sharing: CLEAR } },
    { value: 'UNDETERMINED', count: unclear, filter: { ...filter, sharing: UNCLEAR } },
  ].filter((bucket) => bucket.count);
  return buckets.flatMap((bucket) => (bucket.value === null ? split(bucket) : [bucket]));
}

/** A condition of a filter as one line, such as "Sharing: On track". */
export function conditionInWords({ unblocked, ...condition }) {
  if (unblocked) {
    const { sharing, ...others } = condition;
    const blocker = wordsFor('primaryBlocker', String(sharing) === String(UNCLEAR) ? 'UNDETERMINED' : null);
    return [blocker, conditionInWords(others)].filter(Boolean).join(', ');
  }
  return Object.entries(condition).map(([kind, wanted]) => {
    if (kind === 'nothingToDo') return t('Nobody must act');
    if (kind === 'nameContains') return t('Name contains “{text}”', { text: wanted });
    if (kind === 'changedFrom') return t('Changed from {day}', { day: wanted });
    if (kind === 'changedUntil') return t('Changed until {day}', { day: wanted });
    return `${titleOf(kind)}: ${[wanted].flat().map((value) => wordsFor(kind, value)).join(', ')}`;
  }).join(', ');
}

export function ageInWords({ fromDays, toDays }) {
  if (toDays === null) return t('more than {days} days ago', { days: number(fromDays - 1) });
  const days = { from: number(fromDays), to: number(toDays) };
  return fromDays === 0 ? t('up to {to} days ago', days) : t('{from} to {to} days ago', days);
}

function inWords(code) {
  const words = String(code).replaceAll('_', ' ').toLowerCase().replace(/\bbw\b/, 'Better Work').replace(/\bvb\b/, 'Verifier Body');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
