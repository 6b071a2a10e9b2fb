/** Brings a CSV file into the brand's own list of suppliers, and says what became of its rows. */
import { element } from './elements.js';

const LARGEST = 900_000;
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
    if (!chosen) return say(place, 'warn', 'Choose a file first.');
    if (chosen.size > LARGEST) return say(place, 'warn', 'The file is too large to be sent at once; bring it in parts, each with the header line.');
    start.disabled = true;
    say(place, '', 'Reading …');
    try {
      const { supplierListImport: result } = await asked('ImportSuppliers', { input: { csv: await chosen.text() } });
      if (result.__typename === 'SupplierListImported') {
        place.replaceChildren(...told(result));
        done();
      } else {
        say(place, 'bad', result.message);
      }
    } catch (error) {
      say(place, 'bad', error.message);
      if (error.code === 'UNAUTHENTICATED') { dialog.close(); failed(error); }
    } finally {
      start.disabled = false;
    }
  });
}

function say(place, tone, text) {
  place.replaceChildren(element('p', { className: `notice ${tone}` }, text));
}

function told({ total, created, updated, unchanged, likelyDuplicates, refused, problems, remarks }) {
  const wrong = problems.map(({ line, column, wrong: what, allowed }) => `${line ? `Line ${line}, ` : ''}${column}: ${what}. Allowed: ${allowed}.`);
  const counts = `${total} rows: ${created} new, ${updated} changed, ${unchanged} as before, ${likelyDuplicates} likely on the list already, ${refused} refused.`;
  return [
    element('p', { className: `notice ${refused || likelyDuplicates ? 'warn' : 'good'}` }, counts),
    ...listed('What is wrong', wrong),
    ...listed('How rows were understood', remarks),
  ];
}

function listed(title, lines) {
  if (!lines.length) return [];
  const shown = lines.slice(0, SHOWN).map((line) => element('li', {}, line));
  if (lines.length > SHOWN) shown.push(element('li', {}, `and ${lines.length - SHOWN} more`));
  return [element('h3', {}, title), element('ul', { className: 'sources small' }, ...shown)];
}
