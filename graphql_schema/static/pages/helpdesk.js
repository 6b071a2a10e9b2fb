/** The helpdesk's page. What it shows stands in the address, after #, so that it can be passed on. */
import { ApiError, ask, follow, load, passes } from './api.js';
import { button, element, keepingFocus } from './elements.js';
import { answerView, applicabilityView, faqView, firstView, idsView } from './helpdesk-views.js';
import { guideFrom, guideView } from './helpdesk-guide.js';
import { facilitiesMeant, isId, looksLikeName, surelyIdIn, withoutIds } from './helpdesk-find.js';
import { queueView } from './helpdesk-queue.js';
import { currentToken, keepToken, onSignIn, signIn } from './session.js';
import { errorInWords, wordsFor } from './words.js';
import { inLanguage, language, number, t, translatePage } from './texts.js';

const FIRST_RETRY = 2_000;
/** Decisions and FAQs are shown in the language of the page; a question is answered in its own. */
const PAGE_LOCALE = language === 'en' ? null : language;
/** Roles that see what facilities are called, and not what applies to them. */
const SEES_NO_STATUS = new Set(['SLCP_OFFICER']);
/** Marks an entry of the history whose address has the question before, if there was one. */
const ANSWERED = 'answered';
/** FAQs that are shown to whom the page is new. */
const EXAMPLES = new Set([2, 11, 14]);
const READS_QUEUE = new Set(['HELPDESK', 'ADMIN', 'OPERATOR']);

const at = (id) => document.getElementById(id);
const [box, locale, asOf, onlyFaqs, shown, notice, about] =
  ['box', 'locale', 'as-of', 'only-faqs', 'shown', 'notice', 'about'].map(at);

let documents = null;
let viewer = null;
let countries = [];
/** The question asked last, the id of the facility that it was about, and the question before it. */
let previous = null;
/** The question of the address, which was put into the box. */
let inBox = '';
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
  const { q = '' } = asked;
  if (q !== inBox) box.value = inBox = q; // else somebody may be typing the next one
  asOf.disabled = onlyFaqs.disabled = false;
  at('undated').hidden = true;
  shown.setAttribute('aria-busy', 'true');
  try {
    if (!viewer) await meet();
    notice.replaceChildren();
    const parts = await partsOf(asked);
    if (signal.aborted) return;
    keepingFocus(() => shown, () => shown.replaceChildren(...parts));
    const heading = shown.querySelector('h2, strong')?.textContent ?? '';
    at('said').textContent = heading;
    document.title = [heading, title].filter(Boolean).join(' · ');
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
    element('span', {}, signedIn ? wordsFor('role', viewer.role) : t('not signed in')),
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
    return [faqView(faq, { ...context, translate: await inLanguage(faq.servedLocale) })];
  }
  if (asked.q) return found(asked, context);
  if (asked.facility && SEES_NO_STATUS.has(viewer.role)) {
    const { facility } = await run('ById', { id: asked.facility });
    return [idsView(facility)];
  }
  if (asked.facility) {
    const { facility } = await run('WhatApplies', { id: asked.facility, ...choices() });
    nameContext(facility);
    return [applicabilityView(facility.whatApplies, context, facility)];
  }
  const { faqs } = await run('Examples', { locale: PAGE_LOCALE });
  return [firstView(faqs.nodes.filter(({ number: each }) => EXAMPLES.has(each)), viewer.mayReadFacilities, context)];
}

function pick(names) {
  return Object.fromEntries(names.map((name) => [name, choices()[name]]));
}

/** What a text in the box is about: a FAQ by its number, another facility than before, or a question. */
async function found({ q: text, facility: id, ask: isQuestion }, context) {
  const about = id ? (await run('ById', { id })).facility : null;
  if (about) nameContext(about);
  if (isQuestion) return [await answered(text, about, context)];
  const number = /^\s*(?:faq)?\s*#?\s*(\d{1,2})\s*$/i.exec(text)?.[1];
  if (number) {
    const { faq } = await run('ReadFaq', { number: Number(number), ...pick(['locale', 'asOf']) });
    if (faq) return [faqView(faq, { ...context, translate: await inLanguage(faq.servedLocale) })];
  }
  const unmistakable = surelyIdIn(text);
  const asQuestion = unmistakable === text ? [] : [button(t('Ask it as a question'), () => go({ q: text, ask: '1' }))];
  if (!viewer.mayReadFacilities) {
    if (!unmistakable && !isId(text)) return [await answered(text, null, context)];
    tell('warn', t('Sign in to look for facilities.'), button(t('Sign in'), () => signIn()));
    return asQuestion;
  }
  const { facilities, total, text: part } = await facilitiesMeant(text, run);
  if (facilities.length === 1) {
    const [only] = facilities;
    if (part === text) return instead({ facility: only.id });
    if (only.id === about?.id) return [await answered(text, about, context)];
    return instead({ q: text, facility: only.id, ask: '1' });
  }
  if (about && unmistakable !== text) asQuestion.unshift(button(t('Ask about {name}', { name: about.name }), () => go({ q: text, facility: about.id, ask: '1' })));
  if (facilities.length) return [listOf(facilities, total, part), ...asQuestion];
  if (unmistakable || await looksLikeName(text, run, about !== null)) {
    const what = unmistakable ? t('No facility has the id {id}.', { id: unmistakable }) : t('No facility has “{text}” in its name.', { text });
    tell('warn', `${what} ${t('Compare it with where it comes from, or look for a part of the name. A facility that is not open to you is not found either.')}`);
    return asQuestion;
  }
  return [await answered(text, about, context)];
}

/** Goes on to another address in the place of this one. */
function instead(address) {
  const { locale: language_, asOf: day, only } = wanted();
  const kept = Object.entries({ locale: language_, asOf: day, only }).filter(([, value]) => value);
  location.replace(`#${new URLSearchParams({ ...Object.fromEntries(kept), ...address })}`);
  return [];
}

async function answered(question, named, context) {
  const facility = SEES_NO_STATUS.has(viewer.role) ? null : named;
  const sent = withoutIds(question);
  const after = wanted().after ?? (history.state === ANSWERED ? null : questionBefore(sent, facility));
  const variables = { question: sent, previousQuestion: after, facilityId: facility?.id ?? null, locale: locale.value || null };
  const { ask: answer } = await run('Ask', variables);
  previous = { sent, facility: facility?.id, after };
  completeAddress(after);
  return answerView(question, answer, facility, { ...context, sent, translate: await inLanguage(answer.servedLocale) });
}

/** The question that one about this facility comes after; asked once more it comes after the same. */
function questionBefore(sent, facility) {
  if (previous === null || previous.facility !== facility?.id) return null;
  return previous.sent === sent ? previous.after : previous.sent;
}

/** A question is answered as of today and after another one: its address has that one, and no day and no layer. */
function completeAddress(after) {
  const { asOf: _, only: __, ...rest } = wanted();
  history.replaceState(ANSWERED, '', `#${new URLSearchParams(after ? { ...rest, after } : rest)}`);
  asOf.value = '';
  onlyFaqs.checked = false;
  asOf.disabled = onlyFaqs.disabled = true;
  at('undated').hidden = false;
}

function listOf(facilities, total, part) {
  const title = part
    ? t('{total} facilities have “{text}” in their name; {shown} are shown', { total: number(total), text: part, shown: number(facilities.length) })
    : t('Which one is meant?');
  const list = element('ul');
  for (const { id, name, osId, country } of facilities) {
    const choose = button(name, () => go({ facility: id }), { className: 'plain' });
    list.append(element('li', {}, choose, ` ${country.name}${osId ? `, ${osId}` : ''}`));
  }
  return element('section', { className: 'card answer' }, element('h2', {}, title), list);
}

/** Says which facility questions are about, with the way to leave it. */
function nameContext({ name }) {
  about.hidden = false;
  const { q, ask } = wanted();
  const leave = button(t('Leave this facility'), () => {
    about.hidden = true;
    box.value = q ?? '';
    go({ q, ask: q && ask });
  });
  about.replaceChildren(element('strong', {}, t('Questions are now about {name}.', { name })), leave);
}

/** Shows the facility anew when something happens to it, and nothing of it once it is hidden. */
async function watch(id, signal) {
  let cursor = null;
  let isAway = false;
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
        else if (isAway) notice.replaceChildren();
        isAway = state === 'away';
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
  if (passes(error)) {
    tell('warn', `${errorInWords(error)} ${t('It is tried again by itself.')}`, button(t('Try now'), () => show()));
    const timer = setTimeout(() => show(Math.min(pause * 2, 30_000)), Math.max(pause, 1_000 * (error.retryAfter ?? 0)));
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    return;
  }
  shown.replaceChildren();
  about.replaceChildren();
  about.hidden = true;
  document.title = title;
  if (error.code === 'UNAUTHENTICATED') {
    viewer = null;
    keepToken(null);
    signIn(error.message);
  } else if (error.code === 'NOT_PERMITTED' && !currentToken()) {
    tell('warn', t('Sign in to look for facilities.'), button(t('Sign in'), () => signIn()));
  } else {
    tell('bad', error.message);
  }
}

function tell(kind, text, ...more) {
  notice.replaceChildren(element('div', { className: `notice ${kind} row` }, text, ...more));
}

function signOut() {
  keepToken(null);
  viewer = null;
  previous = null;
  go({ facility: '' });
}

onSignIn(() => {
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
const { title } = document;
show();
