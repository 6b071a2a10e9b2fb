/**
 * The dashboard: counts, trend and table of what the token may see, kept up to date.
 *
 * The filter is a list of conditions that must all hold. It lies in the address, so that it
 * outlives a reload and a new sign-in; the token never does.
 */
import { ApiError, ask, follow, load, passes } from './api.js';
import { currentToken, keepToken, onSignIn, signIn } from './session.js';
import { button, element, keepingFocus } from './elements.js';
import { markdown } from './markdown.js';
import { ages, bars, conditionOf, trend, trendTable } from './dashboard-charts.js';
import { closeDrawer, copy, openDrawer, refreshDrawer, shownInDrawer } from './dashboard-details.js';
import { PAGE, busy, clearRows, csv, onPaging, removeRow, showRows } from './dashboard-table.js';
import { UNCLEAR, conditionInWords, errorInWords, withUnclear, wordsFor } from './words.js';
import { setUpImporting } from './dashboard-import.js';
import { setUpSupposing } from './dashboard-what-if.js';
import { language, number, t, translatePage } from './texts.js';

const $ = (id) => document.getElementById(id);
const MAIN = ['bySharing', 'byAssessor', 'byPrimaryBlocker', 'byNextActor', 'byCountry'];
const MORE = ['byDataLabel', 'byWorkflowState', 'byBlocker'];
const KINDS = {
  bySharing: 'sharing', byPrimaryBlocker: 'primaryBlocker', byNextActor: 'nextActor', byCountry: 'countries',
  byAssessor: 'assessedBy', byDataLabel: 'dataLabel', byWorkflowState: 'workflowState', byBlocker: 'blocker',
};
const FIRST_PAGE = { first: PAGE };
const PAUSE_SECONDS = 3;
const AGAIN = t('What you see may be old; it is asked again until it does.');

const state = { ...fromAddress(), page: FIRST_PAGE, cursor: null, following: null, turn: 0, again: null, countries: [], isNew: false };
let operations = null;

async function asked(operation, variables = {}) {
  operations ??= await load('dashboard.graphql');
  return ask(operations, { locale: language, ...variables }, { operation, token: currentToken() });
}
const noun = (count) => {
  const suppliers = state.of === 'suppliers';
  if (count === 1) return t(suppliers ? 'supplier' : 'factory');
  return t(suppliers ? 'suppliers' : 'factories');
};
const nothing = () => {
  if (state.conditions.length) return t('No {noun} fit. Take a filter away to see more.', { noun: noun() });
  return state.of === 'suppliers'
    ? t('Your list is empty. Import it as CSV; nobody but you sees it.')
    : t('No factory is open to this token yet. A brand sees those that share with it.');
};
const filter = () => (state.conditions.length ? { also: state.conditions } : null);

async function start() {
  $('name').value = nameAsked();
  $('order').value = state.order;
  document.querySelector(`[name=of][value=${state.of}]`).checked = true;
  await (currentToken() ? enter() : signedOut());
}

async function enter() {
  $('signed-out').hidden = true;
  say('', t('Reading …'));
  try {
    const { viewer, countries } = await asked('Who');
    state.isNew = false;
    state.countries = countries;
    if (!viewer.mayReadFacilities) {
      notOpened();
      return;
    }
    const isBrand = viewer.role === 'BRAND';
    $('of').hidden = !isBrand;
    $('of-suppliers').hidden = !isBrand;
    $('import').hidden = !isBrand;
    if (!isBrand) state.of = 'facilities';
    const role = wordsFor('role', viewer.role);
    $('who').replaceChildren(element('span', { className: 'soft' }, t('Signed in as {role}', { role })), button(t('Sign out'), signOut));
    say();
    $('board').hidden = false;
    watch();
    await refresh();
  } catch (error) {
    failed(error);
  }
}

/**
 * Reads counts and rows again, and shows them unless something newer was asked for meanwhile. What
 * shows another filter or page than the one that is asked for is faded until then.
 */
async function refresh({ quietly = false } = {}) {
  clearTimeout(state.again);
  const turn = ++state.turn;
  const of = state.of;
  toAddress();
  showChips();
  if (!quietly) { busy(true); $('charts').setAttribute('aria-busy', 'true'); }
  const suppliers = of === 'suppliers';
  $('order').closest('label').hidden = suppliers;
  $('rows-title').textContent = t(suppliers ? 'My suppliers' : 'Factories');
  try {
    const unclear = { ...filter(), unblocked: true, sharing: UNCLEAR };
    const [{ portfolio, unclearPortfolio }, { page }] = await Promise.all([
      asked(suppliers ? 'SupplierCounts' : 'Counts', { filter: filter(), unclear }),
      rows(state.page),
    ]);
    if (turn !== state.turn) return;
    portfolio.byPrimaryBlocker = withUnclear(portfolio.byPrimaryBlocker, unclearPortfolio.total);
    keepingFocus(() => $('counts-title'), () => showCounts(portfolio));
    keepingFocus(() => $('rows-title'), () => showRows(page, noun(page.totalCount), open, nothing()));
    if ($('notice').dataset.passing) say();
  } catch (error) {
    if (turn === state.turn) failed(error);
  }
}

function rows(page) {
  const suppliers = state.of === 'suppliers';
  const variables = { filter: filter(), ...page };
  return asked(suppliers ? 'SupplierRows' : 'Rows', suppliers ? variables : { ...variables, order: state.order });
}

function showCounts(portfolio) {
  $('total').textContent = t('{count} {noun} on {day}', { count: number(portfolio.total), noun: noun(portfolio.total), day: portfolio.asOf });
  const cards = (names) => names.map((name) => bars(KINDS[name], portfolio[name], isPicked, pick));
  $('charts').replaceChildren(...cards(MAIN));
  $('more-charts').replaceChildren(...cards(MORE), ages(portfolio.byAge, isPicked, pick));
  $('charts').removeAttribute('aria-busy');
  for (const id of ['charts', 'more', 'advice']) $(id).hidden = portfolio.total === 0;
  $('suppose').hidden = !portfolio.trend || portfolio.total === 0;
  const happened = portfolio.trend?.some(({ events }) => events.length > 0);
  $('trend-card').hidden = !happened;
  if (happened) {
    trend($('trend'), portfolio.trend);
    $('trend-table').replaceChildren(trendTable(portfolio.trend));
  }
  $('advice-list').replaceChildren(...portfolio.brandAdvice.map(advice));
}

function advice({ title, country, count, filter: wanted, text }) {
  const named = country ? `${title}, ${wordsFor('countries', country)}` : title;
  return element('section', { className: 'stack' },
    element('h3', {}, `${named} (${number(count)})`),
    element('div', { className: 'letter' }, markdown(text, 4)),
    element('div', { className: 'row' }, copy(text, { 'data-key': `copy ${named}` }), button(t('Show them'), () => pick(conditionOf(wanted)), { 'data-key': `show ${named}` })));
}

// The filter.

function isPicked(condition) {
  return state.conditions.some((other) => same(other, condition));
}

function pick(condition) {
  state.conditions = isPicked(condition)
    ? state.conditions.filter((other) => !same(other, condition))
    : [...state.conditions, condition];
  $('name').value = nameAsked();
  state.page = FIRST_PAGE;
  refresh();
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function nameAsked() {
  return state.conditions.find((condition) => 'nameContains' in condition)?.nameContains ?? '';
}

function showChips() {
  const chips = state.conditions.map((condition) => {
    const words = conditionInWords(condition);
    return button(words, () => pick(condition), { className: 'chip', ariaLabel: t('Take away: {condition}', { condition: words }), 'data-key': `chip ${words}` });
  });
  keepingFocus(() => $('counts-title'), () => $('chips').replaceChildren(...chips));
}

function fromAddress() {
  const given = new URLSearchParams(location.search);
  let conditions = [];
  try {
    conditions = JSON.parse(given.get('filter') ?? '[]');
  } catch { /* an address that somebody has cut off */ }
  const order = given.get('order');
  return {
    of: given.get('of') === 'suppliers' ? 'suppliers' : 'facilities',
    order: ['NAME', 'COUNTRY', 'NEWEST'].includes(order) ? order : 'NAME',
    conditions: Array.isArray(conditions) ? conditions.filter((one) => one && typeof one === 'object' && !Array.isArray(one)) : [],
  };
}

function toAddress() {
  const given = new URLSearchParams(language === 'en' ? {} : { lang: language });
  if (state.of !== 'facilities') given.set('of', state.of);
  if (state.order !== 'NAME') given.set('order', state.order);
  if (state.conditions.length) given.set('filter', JSON.stringify(state.conditions));
  history.replaceState(null, '', `${location.pathname}${given.size ? `?${given}` : ''}`);
}

// What happens meanwhile.

function watch() {
  state.following?.abort();
  const following = state.following = new AbortController();
  let soon = null;
  const soonAgain = () => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      refresh({ quietly: true });
      if (shownInDrawer() !== null) refreshDrawer(details);
    }, 400);
  };
  follow(operations, {
    operation: 'Changes',
    token: currentToken(),
    signal: following.signal,
    variables: () => ({ after: state.cursor }),
    onState: (now) => {
      const away = now === 'away';
      live(away ? 'warn' : 'good', t(away ? 'No connection' : 'Live'));
      if (away) say('warn', `${t('The server does not answer.')} ${AGAIN}`, true);
      else if ($('notice').dataset.passing) soonAgain();
    },
    onNext: ({ portfolioEvents: change }) => {
      state.cursor = change.cursor;
      if (change.__typename === 'CaughtUp') return;
      if (change.__typename === 'FacilityVanished') vanished(change.facilityId);
      soonAgain();
    },
  }).catch(failed);
}

/** A factory that ceases to share is gone from the page at once, before anything is read again. */
function vanished(id) {
  if (state.of === 'facilities') removeRow(id);
  if (shownInDrawer() !== id) return;
  closeDrawer();
  say('warn', t('The factory that you looked at does not share with you any more.'));
}

function live(tone, text) {
  $('live').hidden = !text;
  $('live').className = `tag ${tone}`;
  $('live').textContent = text;
}

// Signing in and out, and what went wrong.

function failed(error) {
  if (!(error instanceof ApiError)) throw error;
  if (passes(error)) {
    say('warn', `${errorInWords(error)} ${AGAIN}`, true);
    clearTimeout(state.again);
    state.again = setTimeout(() => ($('board').hidden ? enter() : refresh()), 1_000 * Math.max(PAUSE_SECONDS, error.retryAfter ?? 0));
    return;
  }
  busy(false);
  $('charts').removeAttribute('aria-busy');
  if (error.code === 'UNAUTHENTICATED') {
    state.following?.abort();
    live('', '');
    signedOut();
    keepToken(null);
    signIn(t(state.isNew ? 'This token is not valid.' : 'Your token is not valid any more. Sign in again; your filter stays as it is.'));
  } else if (error.code === 'NOT_PERMITTED') {
    notOpened();
  } else {
    say('bad', error.message, true);
  }
}

/** A token that is good, but of a role that has nothing to see here. */
function notOpened() {
  state.following?.abort();
  live('', '');
  signedOut();
  say('warn', t('This token does not open the dashboard. Sign in with one of a factory, a brand, a programme or the helpdesk.'));
}

/** Shows a notice; one that is `passing` goes as soon as something was read again. */
function say(tone = '', text = '', passing = false) {
  $('notice').replaceChildren(...(text ? [element('p', { className: `notice ${tone}` }, text)] : []));
  $('notice').dataset.passing = passing ? 'yes' : '';
}

function signedOut() {
  clearTimeout(state.again);
  state.turn += 1; // what is still being read is shown to nobody
  closeDrawer();
  clearRows();
  for (const id of ['charts', 'more-charts', 'trend', 'trend-table', 'advice-list', 'supposed', 'who']) $(id).replaceChildren();
  $('trend-card').hidden = true;
  $('board').hidden = true;
  $('signed-out').hidden = false;
}

function signOut() {
  keepToken(null);
  state.following?.abort();
  state.cursor = null;
  live('', '');
  say();
  signedOut();
  $('sign-in-now').focus();
}

// What is pressed.

/** Shows the factories on record or the brand's own suppliers, all of them. */
function show(of) {
  state.of = of;
  document.querySelector(`[name=of][value=${of}]`).checked = true;
  state.conditions = [];
  $('name').value = '';
  state.page = FIRST_PAGE;
  clearRows();
  refresh();
}

const details = async (id) => (await asked('Details', { id })).node;
const open = (id, name) => openDrawer(id, name, details);

$('sign-in-now').addEventListener('click', () => signIn());
onSignIn((isGiven) => {
  if (!isGiven) return;
  state.isNew = true;
  state.cursor = null;
  enter();
});
$('filters').addEventListener('submit', (event) => event.preventDefault());
let typed = null;
$('name').addEventListener('input', () => {
  clearTimeout(typed);
  typed = setTimeout(() => {
    const wanted = $('name').value.trim();
    const others = state.conditions.filter((condition) => !('nameContains' in condition));
    state.conditions = wanted ? [...others, { nameContains: wanted }] : others;
    state.page = FIRST_PAGE;
    refresh();
  }, 250);
});
$('order').addEventListener('change', () => { state.order = $('order').value; state.page = FIRST_PAGE; refresh(); });
$('of').addEventListener('change', () => show(document.querySelector('[name=of]:checked').value));
onPaging((page) => { state.page = page; busy(true); refresh({ quietly: true }); });
$('print').addEventListener('click', () => print());
$('export').addEventListener('click', async () => {
  const before = $('export').textContent;
  $('export').disabled = true;
  try {
    const text = await csv(state.of, async (page) => (await rows(page)).page, (done, all) => { $('export').textContent = t('{done} of {all}', { done: number(done), all: number(all) }); });
    const link = element('a', { href: URL.createObjectURL(new Blob([text], { type: 'text/csv' })), download: `${state.of}.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } catch (error) {
    failed(error);
  }
  $('export').textContent = before;
  $('export').disabled = false;
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => currentToken() && refresh({ quietly: true }));
setUpSupposing({ asked, filter, open, failed, countries: () => state.countries });
setUpImporting({ asked, failed, done: () => show('suppliers') });

translatePage();
start();
