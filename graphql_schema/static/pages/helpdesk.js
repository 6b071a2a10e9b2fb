/** The helpdesk's page. What it shows stands in the address, after #, so that it can be passed on. */
import { ApiError, ask, follow, load } from './api.js';
import { button, element } from './elements.js';
import { answerView, applicabilityView, faqView } from './helpdesk-views.js';
import { guideFrom, guideView } from './helpdesk-guide.js';
import { queueView } from './helpdesk-queue.js';
import { currentToken, keepToken } from './session.js';
import { language, number, t, translatePage } from './texts.js';

const FIRST_RETRY = 2_000;
const LONGEST_NAME = 120;
const LOOKS_LIKE_ID = /^(?=.*\d)\S{6,}$/;
/** Decisions and FAQs are shown in the language of the page; a question is answered in its own. */
const PAGE_LOCALE = language === 'en' ? null : language;
const READS_QUEUE = new Set(['HELPDESK', 'ADMIN', 'OPERATOR']);

const at = (id) => document.getElementById(id);
const [box, locale, asOf, onlyFaqs, shown, notice, about, dialog] =
  ['box', 'locale', 'as-of', 'only-faqs', 'shown', 'notice', 'about', 'sign-in'].map(at);

let documents = null;
let viewer = null;
let countries = [];
let previous = null;
let showing = new AbortController();

/** Runs an operation of helpdesk.graphql in the name of whoever is signed in. */
async function run(operation, variables = {}) {
  documents ??= await load('helpdesk.graphql');
  return ask(documents, variables, { operation, token: currentToken(), signal: showing.signal });
}

/** What the address asks for. */
function wanted() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

function go(changes) {
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries({ locale: locale.value, asOf: asOf.value, only: onlyFaqs.checked ? '1' : '', ...changes })) {
    if (value) next.set(name, value);
  }
  if (next.toString() === location.hash.slice(1)) show();
  else location.hash = next;
}

function choices() {
  const layers = onlyFaqs.checked ? ['SHARED_FAQS_2021'] : null;
  return { locale: locale.value || PAGE_LOCALE, asOf: asOf.value || null, layers };
}

async function show(pause = FIRST_RETRY) {
  showing.abort();
  showing = new AbortController();
  const { signal } = showing;
  const asked = wanted();
  locale.value = asked.locale ?? '';
  asOf.value = asked.asOf ?? '';
  onlyFaqs.checked = asked.only === '1';
  if (asked.q !== undefined) box.value = asked.q;
  shown.setAttribute('aria-busy', 'true');
  try {
    if (!viewer) await meet();
    notice.replaceChildren();
    const parts = await partsOf(asked);
    if (signal.aborted) return;
    shown.replaceChildren(...parts);
    at('said').textContent = shown.querySelector('h2, strong')?.textContent ?? '';
    if (asked.facility) watch(asked.facility, signal);
  } catch (error) {
    if (signal.aborted) return;
    failed(error, signal, pause);
  }
  shown.removeAttribute('aria-busy');
}

async function meet() {
  ({ viewer, countries } = await run('Who'));
  at('queue').hidden = !READS_QUEUE.has(viewer.role);
  const signedIn = currentToken() !== null;
  at('who').replaceChildren(
    element('span', {}, signedIn ? viewer.role.replaceAll('_', ' ').toLowerCase() : t('not signed in')),
    button(t(signedIn ? 'Sign out' : 'Sign in'), () => (signedIn ? signOut() : signIn())),
  );
}

async function partsOf(asked) {
  about.hidden = true;
  const context = { run, go, choices: choices(), linkOf: () => location.href };
  if (asked.guide !== undefined) return guideView(guideFrom(asked.guide), countries, context);
  if (asked.queue !== undefined) return [await queueView(context)];
  if (asked.faq) {
    const { faq } = await run('ReadFaq', { number: Number(asked.faq), ...pick(['locale', 'asOf']) });
    if (!faq) return [element('p', { className: 'notice' }, t('There is no FAQ {number} on that day.', { number: asked.faq }))];
    return [faqView(faq, context)];
  }
  if (asked.facility && asked.q) {
    const { facility } = await run('ById', { id: asked.facility });
    nameContext(facility);
    return [await answered(asked.q, facility, context)];
  }
  if (asked.facility) {
    const { facility } = await run('WhatApplies', { id: asked.facility, ...choices() });
    nameContext(facility);
    return [applicabilityView(facility.whatApplies, context, facility)];
  }
  if (asked.q && asked.ask) return [await answered(asked.q, null, context)];
  if (asked.q) return found(asked.q, context);
  return [];
}

function pick(names) {
  return Object.fromEntries(names.map((name) => [name, choices()[name]]));
}

async function found(text, context) {
  const number = /^\s*(?:faq)?\s*#?\s*(\d{1,2})\s*$/i.exec(text)?.[1];
  if (number) {
    const { faq } = await run('ReadFaq', { number: Number(number), ...pick(['locale', 'asOf']) });
    if (faq) return [faqView(faq, context)];
  }
  if (viewer.mayReadFacilities && text.length <= LONGEST_NAME) {
    const [byId, byName] = await Promise.all([one(text), run('ByName', { name: text })]);
    const { nodes, totalCount } = byName.facilities;
    const only = byId ?? (totalCount === 1 ? nodes[0] : null);
    if (only) {
      const { q: _, ...rest } = wanted();
      location.replace(`#${new URLSearchParams({ ...rest, facility: only.id })}`);
      return [];
    }
    if (totalCount) return [listOf(nodes, totalCount), button(t('Ask it as a question'), () => go({ q: text, ask: '1' }))];
  } else if (!viewer.mayReadFacilities && LOOKS_LIKE_ID.test(text)) {
    tell('warn', t('Facilities are shown to those who sign in.'), button(t('Sign in'), () => signIn()));
    return [button(t('Ask it as a question'), () => go({ q: text, ask: '1' }))];
  }
  return [await answered(text, null, context)];
}

async function one(text) {
  try {
    return (await run('ById', { id: text })).facility;
  } catch (error) {
    if (error instanceof ApiError && ['NOT_FOUND', 'INVALID_INPUT'].includes(error.code)) return null;
    throw error;
  }
}

async function answered(question, facility, context) {
  const variables = { question, previousQuestion: previous, facilityId: facility?.id ?? null, locale: locale.value || null };
  const { ask: answer } = await run('Ask', variables);
  previous = question;
  return answerView(question, answer, facility, context);
}

function listOf(facilities, total) {
  const list = element('ul');
  for (const { id, name, osId, country } of facilities) {
    const choose = button(name, () => go({ facility: id }), { className: 'plain' });
    list.append(element('li', {}, choose, ` ${country.name}${osId ? `, ${osId}` : ''}`));
  }
  return element('section', { className: 'card answer' }, element('h2', {}, t('{total} facilities have it in their name; {shown} are shown', { total: number(total), shown: number(facilities.length) })), list);
}

function nameContext({ name }) {
  about.hidden = false;
  const drop = button(t('Ask without it'), () => { about.hidden = true; go({ q: box.value }); }, { className: 'plain' });
  about.replaceChildren(t('Questions are now about {name}.', { name }), ' ', drop);
}

/** Shows the facility anew when something happens to it, and nothing of it once it is hidden. */
async function watch(id, signal) {
  let cursor = null;
  try {
    await follow(documents, {
      operation: 'Changes',
      token: currentToken(),
      variables: () => ({ id, after: cursor }),
      onNext: ({ facilityEvents: change }) => {
        cursor = change.cursor ?? cursor;
        if (change.__typename !== 'CaughtUp') show();
      },
      onState: (state) => {
        if (state === 'away') tell('warn', t('No connection to the server. What is shown may be old; it is tried again.'));
        else notice.replaceChildren();
      },
      signal,
    });
  } catch (error) {
    if (!signal.aborted) failed(error, signal, FIRST_RETRY);
  }
}

function failed(error, signal, pause) {
  if (!(error instanceof ApiError)) throw error;
  at('said').textContent = '';
  if (error.code === 'UNAUTHENTICATED') {
    shown.replaceChildren();
    viewer = null;
    keepToken(null);
    signIn(error.message);
  } else if (error.code === 'UNREACHABLE' || error.code === 'STORAGE_UNAVAILABLE') {
    tell('warn', `${error.message} ${t('It is tried again by itself.')}`, button(t('Try now'), () => show()));
    const timer = setTimeout(() => show(Math.min(pause * 2, 30_000)), pause);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  } else {
    const hidden = error.code === 'NOT_FOUND' || error.code === 'NOT_PERMITTED';
    shown.replaceChildren();
    about.hidden = true;
    tell('bad', error.message, hidden && !currentToken() ? button(t('Sign in'), () => signIn()) : '');
  }
}

function tell(kind, text, ...more) {
  notice.replaceChildren(element('div', { className: `notice ${kind} row` }, text, ...more));
}

function signIn(why = '') {
  at('sign-in-why').hidden = !why;
  at('sign-in-why').textContent = why;
  at('token').value = '';
  dialog.returnValue = '';
  dialog.showModal();
}

function signOut() {
  keepToken(null);
  viewer = null;
  previous = null;
  go({ facility: '' });
}

dialog.addEventListener('close', () => {
  if (dialog.returnValue === 'in' && at('token').value.trim()) keepToken(at('token').value.trim());
  viewer = null;
  show();
});
at('search').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = box.value.trim();
  if (text) go({ q: text, facility: about.hidden ? '' : wanted().facility });
});
for (const option of [locale, asOf, onlyFaqs]) {
  option.addEventListener('change', () => {
    const { locale: _, asOf: __, only: ___, ...rest } = wanted();
    go(rest);
  });
}
at('guide').addEventListener('click', () => go({ guide: ' ' }));
at('queue').addEventListener('click', () => go({ queue: '1' }));
addEventListener('hashchange', () => show());
translatePage();
show();
