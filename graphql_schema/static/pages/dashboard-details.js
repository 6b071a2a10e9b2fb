/** The drawer: what applies to one facility or supplier, its path, and its sources. */
import { button, element, keepingFocus } from './elements.js';
import { markdown } from './markdown.js';
import { deadlineInWords, errorInWords, standingOf, toneOf, wordsFor } from './words.js';
import { t } from './texts.js';

const dialog = document.querySelector('#details');
const title = document.querySelector('#details-title');
const body = document.querySelector('#details-body');
let shown = null;

const close = document.querySelector('#details-close');
close.addEventListener('click', () => dialog.close());
dialog.addEventListener('close', () => {
  // What it was opened from, and has the focus again otherwise, may have been made anew since.
  const { activeElement } = document;
  if (activeElement === document.body || dialog.contains(activeElement)) document.querySelector(`[data-key="row ${shown}"]`)?.focus();
  shown = null;
});

/** The id of what the drawer shows, or null. */
export function shownInDrawer() {
  return shown;
}

export function closeDrawer() {
  dialog.close();
}

/** Opens the drawer and fills it with what `read` gives; errors are said in it. */
export async function openDrawer(id, name, read) {
  shown = id;
  title.textContent = name;
  body.replaceChildren(element('p', { className: 'soft' }, t('Reading …')));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  await refreshDrawer(read);
}

/** Reads again what the drawer shows. */
export async function refreshDrawer(read) {
  const id = shown;
  if (id === null) return;
  try {
    const found = await read(id);
    if (shown !== id) return;
    if (found) keepingFocus(() => close, () => show(found));
    else body.replaceChildren(element('p', { className: 'notice warn' }, t('You do not see this factory any more.')));
  } catch (error) {
    if (shown === id) body.replaceChildren(element('p', { className: 'notice bad' }, errorInWords(error)));
  }
}

function show(found) {
  const applies = found.whatApplies;
  const standing = standingOf(applies);
  title.textContent = found.name;
  const ids = [['OS ID', found.osId], ['Gateway ID', found.gatewayId], ['Better Work ID', found.betterWorkId], [t('Our number'), found.reference], [t('Note'), found.note]]
    .filter(([, value]) => value).map(([kind, value]) => `${kind} ${value}`).join(' · ');
  body.replaceChildren(
    element('p', { className: 'row' },
      element('span', { className: `tag ${toneOf('standing', standing)}` }, wordsFor('standing', standing)),
      element('span', { className: 'small soft' }, ids)),
    element('p', {}, applies.sharing.text),
    section(t('The path'), path(applies.workflow)),
    section(t('Advice for the brand'), element('div', { className: 'letter' }, markdown(applies.brandAdvice, 4)), element('div', {}, copy(applies.brandAdvice, { 'data-key': 'copy-advice' }))),
    section(t('What applies, as a letter'), element('div', { className: 'letter' }, markdown(applies.summary, 4)), element('div', {}, copy(applies.summary, { 'data-key': 'copy-letter' }))),
    section(t('Sources'), sources(applies.citations)),
  );
}

function section(name, ...parts) {
  return element('section', { className: 'stack' }, element('h3', {}, name), ...parts);
}

function path(workflow) {
  const steps = workflow.steps.map((step) => {
    const facts = [
      wordsFor('stepState', step.state) + (step.doneOn ? `, ${step.doneOn}` : ''),
      wordsFor('nextActor', step.actor),
      ...(step.state === 'DONE' ? [] : deadlineInWords(step)),
    ].filter(Boolean).join(' · ');
    const item = element('li', { className: step.state }, element('strong', {}, step.title), element('span', { className: 'small' }, facts));
    if (step.state === 'NEXT') item.setAttribute('aria-current', 'step');
    return item;
  });
  if (!steps.length) return element('p', { className: 'soft' }, `${workflow.title}.`);
  return element('div', { className: 'stack' }, element('p', { className: 'soft' }, `${workflow.title}.`), element('ol', { className: 'path' }, ...steps));
}

function sources(citations) {
  return element('ol', { className: 'sources small' }, ...citations.map(({ faqNumber, passage, source }) =>
    element('li', {}, element('strong', {}, faqNumber ? `FAQ ${faqNumber}. ` : `${source.title}. `), passage ? markdown(passage.text, 4) : '')));
}

/** A button that copies a text. */
export function copy(text, properties = {}) {
  const made = button(t('Copy'), async () => {
    try {
      await navigator.clipboard.writeText(text);
      made.textContent = t('Copied');
    } catch {
      made.textContent = t('Not copied: the browser does not let it');
    }
  }, { className: 'no-print', ...properties });
  return made;
}
