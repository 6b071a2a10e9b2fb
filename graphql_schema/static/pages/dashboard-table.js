/** The table of facilities or suppliers, one page at a time, and all of them as CSV. */
import { button, element } from './elements.js';
import { deadlineInWords, standingOf, toneOf, wordsFor } from './words.js';
import { number as inDigits, t } from './texts.js';

const table = document.querySelector('#rows');
const place = document.querySelector('#place');
const [previous, next] = [document.querySelector('#previous'), document.querySelector('#next')];
export const PAGE = 50;
const LARGEST = 100;
const COLUMNS = [t('Country'), t('Sharing'), t('In the way'), t('Who acts next')];

let page = null;
let number = 1;

/** Says that rows are being read. */
export function busy(is) {
  table.setAttribute('aria-busy', String(is));
}

/**
 * Shows a page of rows; `open` is called with the one whose name is pressed. `empty` is said where
 * there is none.
 */
export function showRows(found, noun, open, empty) {
  page = found;
  table.tBodies[0].replaceChildren(...found.nodes.map((node) => row(node, open)));
  if (!found.nodes.length) {
    table.tBodies[0].append(element('tr', {}, element('td', { colSpan: 5, className: 'soft' }, empty)));
  }
  previous.disabled = !found.pageInfo.hasPreviousPage;
  next.disabled = !found.pageInfo.hasNextPage;
  const pages = Math.max(1, Math.ceil(found.totalCount / PAGE));
  if (!found.pageInfo.hasPreviousPage) number = 1;
  place.textContent = t('Page {page} of {pages}, {count} {noun}', { page: inDigits(Math.min(number, pages)), pages: inDigits(pages), count: inDigits(found.totalCount), noun });
  busy(false);
}

/** Takes a row away at once, as when its factory does not share any more. */
export function removeRow(id) {
  for (const row of table.tBodies[0].rows) if (row.dataset.id === id) row.remove();
}

export function clearRows() {
  page = null;
  number = 1;
  table.tBodies[0].replaceChildren();
  place.textContent = '';
}

/** Calls with the variables of the page that is wanted, when it is asked for. */
export function onPaging(read) {
  next.addEventListener('click', () => { number += 1; read({ first: PAGE, after: page.pageInfo.endCursor }); });
  previous.addEventListener('click', () => { number = Math.max(1, number - 1); read({ last: PAGE, before: page.pageInfo.startCursor }); });
}

function row(node, open) {
  const { country, whatApplies } = node;
  const [blocker] = whatApplies.workflow.blockers;
  const [action] = whatApplies.workflow.nextActions;
  const standing = standingOf(whatApplies);
  const cells = [
    [wordsFor('countries', country.code)],
    [element('span', { className: `tag ${toneOf('standing', standing)}` }, wordsFor('standing', standing))],
    [blocker ? wordsFor('primaryBlocker', blocker.code) : '–'],
    action
      ? [element('strong', {}, wordsFor('nextActor', action.actor)), `: ${action.title}`, element('span', { className: 'soft' }, ...deadlineInWords(action).map((text) => `, ${text}`))]
      : ['–'],
  ];
  const made = element('tr', {}, element('th', { scope: 'row' }, button(node.name, () => open(node.id, node.name), { className: 'plain', 'data-key': `row ${node.id}` })));
  made.dataset.id = node.id;
  cells.forEach((parts, column) => {
    const cell = element('td', {}, ...parts);
    cell.dataset.column = COLUMNS[column];
    made.append(cell);
  });
  return made;
}

/** What an import reads: the field of a row behind each of its columns. */
const IDS = {
  facilities: { os_id: 'osId', gateway_id: 'gatewayId', better_work_id: 'betterWorkId' },
  suppliers: { reference: 'reference', os_id: 'osId', gateway_id: 'gatewayId', note: 'note' },
};
/** Where a row stands, under names that no import reads. */
const STANDING = ['assessed_by', 'sharing', 'blockers', 'workflow_state', 'next_actor', 'next_action', 'next_advised', 'next_deadline'];

/**
 * All rows of facilities or suppliers as CSV, read page by page; `tell` is given how many there are
 * so far. Importing it changes nothing.
 */
export async function csv(of, read, tell) {
  const ids = Object.entries(IDS[of]);
  const lines = [['name', 'country', ...ids.map(([column]) => column), ...STANDING]];
  for (let after = null; ;) {
    const found = await read({ first: LARGEST, after });
    for (const node of found.nodes) {
      const { assessment, sharing, workflow } = node.whatApplies;
      const [action] = workflow.nextActions;
      lines.push([
        node.name, node.country.code, ...ids.map(([, field]) => node[field] ?? ''),
        assessment.assessedBy, sharing.status, workflow.blockers.map(({ code }) => code).join(' '), workflow.state,
        action?.actor ?? '', action?.title ?? '', action?.advised ?? '', action?.deadline ?? '',
      ]);
    }
    tell(lines.length - 1, found.totalCount);
    if (!found.pageInfo.hasNextPage) break;
    after = found.pageInfo.endCursor;
  }
  return `\ufeff${lines.map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** A value as a spreadsheet reads it: never as a formula. The apostrophe is taken away by an import. */
function cell(value) {
  const text = /^'*(\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
