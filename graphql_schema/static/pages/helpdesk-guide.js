/** Step by step: one question after the other, until what applies is settled. */
import { button, element } from './elements.js';
import { applicabilityView } from './helpdesk-views.js';
import { number, t } from './texts.js';

/** The answers that an address holds: country first, then field:value, or ?INPUT for not known. */
export function guideFrom(text) {
  const [country = '', ...answers] = text.trim().split(' ').filter(Boolean);
  return { country, answers };
}

/** The next question, or what applies once there is none. */
export async function guideView({ country, answers }, countries, context) {
  const { run, go, choices } = context;
  const parts = [country, ...answers];
  const back = button(t('Back'), () => go({ guide: parts.slice(0, -1).join(' ') || ' ' }));
  if (!country) return [card(t('In which country is the facility?'), countryChoice(countries, go))];
  const { profile, notKnown } = profileFrom(country, answers);
  const { nextQuestion: next } = await run('NextQuestion', { profile, notKnown, ...choices });
  if (!next) {
    const { whatIf } = await run('WhatIf', { profile, ...choices });
    return [element('div', { className: 'row' }, back, t('No further answer would change what applies.')), applicabilityView(whatIf, context)];
  }
  const list = element('div', { className: 'choices' });
  for (const choice of next.choices) {
    list.append(button(choice.text, () => go({ guide: [...parts, answerOf(next, choice)].join(' ') })));
  }
  const left = next.remainingAtMost === 1 ? t('The last question.') : t('{count} questions at most.', { count: number(next.remainingAtMost) });
  return [card(next.text, list, element('div', { className: 'row' }, back, element('span', { className: 'soft' }, left)))];
}

function answerOf({ input, field }, { value, steps }) {
  if (value === 'UNKNOWN') return `?${input}`;
  return `${field}:${value ?? steps.join('+')}`;
}

function profileFrom(country, answers) {
  const profile = { country };
  const notKnown = [];
  for (const answer of answers) {
    const [, field, value] = /^(\w+):(.*)$/.exec(answer) ?? [];
    if (answer.startsWith('?')) notKnown.push(answer.slice(1));
    else if (field) profile[field] = field === 'selfAssessmentSteps' ? value.split('+').filter(Boolean).map(Number) : value;
  }
  return { profile, notKnown };
}

function countryChoice(countries, go) {
  const select = element('select', { 'aria-label': t('Country') }, element('option', { value: '' }, t('Choose a country')));
  for (const { code, name } of countries.toSorted((one, other) => one.name.localeCompare(other.name))) {
    select.append(element('option', { value: code }, name));
  }
  const next = button(t('Next'), () => go({ guide: select.value }), { className: 'main', disabled: true });
  select.addEventListener('change', () => { next.disabled = !select.value; });
  return element('div', { className: 'row' }, select, next);
}

function card(title, ...parts) {
  return element('section', { className: 'card stack' }, element('h2', {}, title), ...parts);
}
