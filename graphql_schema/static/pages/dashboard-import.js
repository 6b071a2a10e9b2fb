/**
 * Brings a CSV file into the brand's own list of suppliers, and says what became of its rows. A
 * request holds 200,000 bytes, so a long list is sent in parts, each with the header line.
 */
import { element } from './elements.js';
import { number, t } from './texts.js';
import { errorInWords } from './words.js';

const PART = 150_000;
const SHOWN = 50;

/** Makes the dialog work; `asked` runs an operation, `done` is called when the list has changed. */
export function setUpImporting({ asked, done, failed }) {
  const dialog = document.querySelector('#importing');
  const place = document.querySelector('#import-result');
  const file = document.querySelector('#list');
  const start = document.querySelector('#import-now');
  document.querySelector('#import').addEventListener('click', () => {
    place.replaceChildren();
    file.value = '';
    dialog.showModal();
  });
  start.addEventListener('click', async () => {
    const [chosen] = file.files;
    if (!chosen) return say(place, 'warn', t('Choose a file first.'));
    start.disabled = true;
    say(place, '', t('Reading …'));
    const text = textOf(await chosen.arrayBuffer());
    if (text === null) {
      start.disabled = false;
      return say(place, 'bad', t('{file} is no CSV file in UTF-8. In a spreadsheet, save it as “CSV UTF-8”, and choose that file.', { file: chosen.name }));
    }
    const sum = { total: 0, created: 0, updated: 0, unchanged: 0, likelyDuplicates: 0, refused: 0, problems: [], remarks: [] };
    try {
      const parts = partsOf(text);
      for (const [index, { csv, linesBefore }] of parts.entries()) {
        if (parts.length > 1) say(place, '', t('{done} of {all}', { done: index + 1, all: parts.length }));
        const { supplierListImport: result } = await asked('ImportSuppliers', { input: { csv } });
        if (result.__typename !== 'SupplierListImported') {
          stopped(place, sum, result.message);
          return;
        }
        add(sum, result, linesBefore);
      }
      place.replaceChildren(...outcome(sum));
    } catch (error) {
      stopped(place, sum, errorInWords(error));
      if (error.code === 'UNAUTHENTICATED') { dialog.close(); failed(error); }
    } finally {
      start.disabled = false;
      if (sum.total) done();
    }
  });
}

/** The text of a file, or null where it is in another encoding than UTF-8, or a workbook. */
function textOf(bytes) {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

/** A CSV text as parts that fit into a request: whole rows, each part under the same header. */
export function partsOf(text) {
  const [header = '', ...rows] = rowsOf(text);
  const bytes = (row) => new TextEncoder().encode(JSON.stringify(row)).length;
  const parts = [];
  let [room, line] = [0, 0];
  for (const row of rows) {
    if (bytes(row) > room) {
      parts.push({ csv: header, linesBefore: line });
      room = PART - bytes(header);
    }
    parts.at(-1).csv += row;
    room -= bytes(row);
    line += row.split('\n').length - 1;
  }
  return parts.length ? parts : [{ csv: text, linesBefore: 0 }];
}

/** The rows of a CSV text with their ends; within quotes a row goes on over the end of a line. */
function rowsOf(text) {
  const rows = [];
  let quoted = false;
  for (const line of text.split(/(?<=\n)/)) {
    if (quoted) rows.push(rows.pop() + line);
    else rows.push(line);
    if (line.split('"').length % 2 === 0) quoted = !quoted;
  }
  return rows;
}

function add(sum, result, linesBefore) {
  for (const name of ['total', 'created', 'updated', 'unchanged', 'likelyDuplicates', 'refused']) sum[name] += result[name];
  sum.problems.push(...result.problems.map((problem) => ({ ...problem, line: problem.line && problem.line + linesBefore })));
  sum.remarks = [...new Set([...sum.remarks, ...result.remarks])];
}

/** Says why it went no further, below what the parts before have brought. */
function stopped(place, sum, message) {
  place.replaceChildren(...(sum.total ? outcome(sum) : []), element('p', { className: 'notice bad' }, message));
}

function say(place, tone, text) {
  place.replaceChildren(element('p', { className: `notice ${tone}` }, text));
}

function outcome({ total, created, updated, unchanged, likelyDuplicates, refused, problems, remarks }) {
  const wrong = problems.map(({ line, column, wrong: what, allowed }) => {
    const where = line ? t('Line {line}, {column}', { line: number(line), column }) : column;
    return t('{where}: {what}. Allowed: {allowed}.', { where, what, allowed });
  });
  const became = t('{created} new, {updated} changed, {unchanged} as before, {likelyDuplicates} likely on the list already, {refused} refused.', { created, updated, unchanged, likelyDuplicates, refused });
  const counts = `${total === 1 ? t('One row') : t('{count} rows', { count: number(total) })}: ${became}`;
  return [
    element('p', { className: `notice ${refused || likelyDuplicates ? 'warn' : 'good'}` }, counts),
    ...listed(t('What is wrong'), wrong),
    ...listed(t('How rows were understood'), remarks),
  ];
}

function listed(title, lines) {
  if (!lines.length) return [];
  const shown = lines.slice(0, SHOWN).map((line) => element('li', {}, line));
  if (lines.length > SHOWN) shown.push(element('li', {}, t('and {count} more', { count: number(lines.length - SHOWN) })));
  return [element('h3', {}, title), element('ul', { className: 'sources small' }, ...shown)];
}
