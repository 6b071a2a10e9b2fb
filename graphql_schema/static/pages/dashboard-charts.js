/** Counts as bars that filter, and what happened as a line for each kind. */
import uPlot from '../vendored/uplot/uPlot.esm.js';
import { element } from './elements.js';
import { ageInWords, titleOf, toneOf, wordsFor } from './words.js';
import { intlLocale, number, t } from './texts.js';

const SVG = 'http://www.w3.org/2000/svg';
const SHOWN = 8;

/** One card of bars; `isPicked` and `onPick` are given the condition of a bar. */
export function bars(kind, buckets, isPicked, onPick) {
  const entries = buckets.map(({ value, count, filter }) => ({
    text: wordsFor(kind, value), tone: toneOf(kind, value), count, condition: conditionOf(filter),
  }));
  return card(titleOf(kind), entries, isPicked, onPick);
}

/** The card of bars by the age of the last change. */
export function ages(buckets, isPicked, onPick) {
  const entries = buckets.map((bucket) => ({
    text: ageInWords(bucket), tone: '', count: bucket.count, condition: conditionOf(bucket.filter),
  }));
  return card(t('Last change'), entries, isPicked, onPick);
}

/** What a bucket asks for itself, without what was asked for already. */
export function conditionOf(filter) {
  const { also, ...condition } = filter;
  return condition;
}

/** Titles of the cards of which all bars are shown. */
const unfolded = new Set();

function card(title, entries, isPicked, onPick) {
  const most = Math.max(1, ...entries.map(({ count }) => count));
  const list = element('ul', { className: 'bars' });
  for (const entry of entries) list.append(element('li', {}, bar(entry, title, most, isPicked, onPick)));
  const hidden = unfolded.has(title) ? [] : [...list.children].slice(SHOWN);
  for (const item of hidden) item.hidden = true;
  const made = element('section', { className: 'card chart' }, element('h3', {}, title), list);
  if (!entries.length) made.append(element('p', { className: 'soft' }, t('Nothing to count.')));
  if (hidden.length) {
    const all = element('button', { type: 'button', className: 'plain small no-print', 'data-key': `all ${title}` }, t('and {count} more', { count: number(hidden.length) }));
    all.addEventListener('click', () => {
      unfolded.add(title);
      for (const item of hidden) item.hidden = false;
      hidden[0].firstChild.focus();
      all.remove();
    });
    made.append(all);
  }
  return made;
}

function bar({ text, tone, count, condition }, title, most, isPicked, onPick) {
  const made = element('button', { type: 'button', className: tone, 'data-key': `bar ${title} ${text}` });
  made.setAttribute('aria-pressed', String(isPicked(condition)));
  made.append(
    element('span', {}, text),
    element('span', { className: 'number' }, number(count)),
    line(count / most),
  );
  made.addEventListener('click', () => onPick(condition));
  return made;
}

function line(share) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 100 4');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  const rect = document.createElementNS(SVG, 'rect');
  rect.setAttribute('width', String(share * 100));
  rect.setAttribute('height', '4');
  svg.append(rect);
  return svg;
}

const LINES = [
  ['INTEREST_DECLARED', '--accent', []],
  ['LINKED', '--good', [6, 3]],
  ['SELF_ASSESSMENT_COMPLETED', '--warn', [2, 2]],
  ['ASSESSED', '--ink', []],
  ['DATA_SUBMITTED', '--bad', [8, 3, 2, 3]],
];

let drawn = null;
const widths = new ResizeObserver(([{ contentRect }]) => {
  if (drawn) drawn.setSize({ width: Math.max(200, contentRect.width), height: 240 });
});

/** Draws what happened month by month. */
export function trend(place, months) {
  drawn?.destroy();
  const style = getComputedStyle(document.body);
  const probe = document.body.appendChild(document.createElement('i'));
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const axis = { stroke: colour('--ink-soft'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: `12px ${style.fontFamily}` };
  const times = months.map(({ month }) => Date.parse(`${month}-01T00:00:00Z`) / 1000);
  drawn = new uPlot(
    {
      width: Math.max(200, place.clientWidth),
      height: 240,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      scales: { y: { range: (_, low, high) => [0, Math.max(5, high * 1.1)] } },
      axes: [{ ...axis, values: (_, at) => at.map((seconds) => monthName(seconds)) , splits: () => times.filter((_, n) => n % Math.ceil(times.length / Math.max(2, Math.floor(place.clientWidth / 90))) === 0) }, { ...axis, size: 44 }],
      series: [
        { label: t('Month'), value: (_, seconds) => (seconds === null ? '–' : monthName(seconds)) },
        ...LINES.map(([kind, name, dash]) => ({ label: wordsFor('event', kind), stroke: colour(name), width: 2, dash, value: (_, count) => (count === null ? '–' : number(count)), points: { show: times.length < 3 } })),
      ],
    },
    [times, ...LINES.map(([kind]) => months.map((month) => countOf(month, kind)))],
    place,
  );
  probe.remove();
  widths.disconnect();
  widths.observe(place);
}

/** The same as a table. */
export function trendTable(months) {
  const head = element('tr', {}, element('th', { scope: 'col' }, t('Month')), ...LINES.map(([kind]) => element('th', { scope: 'col' }, wordsFor('event', kind))));
  const rows = months.map((month) => element('tr', {},
    element('th', { scope: 'row' }, month.month),
    ...LINES.map(([kind]) => element('td', {}, String(countOf(month, kind))))));
  return element('table', { className: 'numbers' }, element('thead', {}, head), element('tbody', {}, ...rows));
}

function countOf({ events }, kind) {
  return events.find((event) => event.kind === kind)?.count ?? 0;
}

function monthName(seconds) {
  return new Date(seconds * 1000).toLocaleDateString(intlLocale, { month: 'short', year: '2-digit', timeZone: 'UTC' });
}
