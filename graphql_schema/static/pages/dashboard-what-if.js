/** The form that supposes a change, with the counts before and after and what would flip. */
import { button, element } from './elements.js';
import { errorInWords, wordsFor } from './words.js';
import { number, t } from './texts.js';

const SHOWN = 50;

/**
 * Makes the form work; `asked` runs an operation, `filter` gives the filter in use, `countries` those
 * that may be named.
 */
export function setUpSupposing({ asked, filter, open, failed, countries }) {
  const place = document.querySelector('#supposed');
  document.querySelector('#what-if').addEventListener('submit', async (event) => {
    event.preventDefault();
    const { codes, unknown } = codesOf(document.querySelector('#sign-off').value, countries());
    if (unknown) {
      const text = t('“{name}” is no country. Write names or codes with commas between them, such as Pakistan, KH.', { name: unknown });
      place.replaceChildren(element('p', { className: 'notice bad' }, text));
      return;
    }
    const changes = {
      countriesSignOff: codes,
      toolVersion: document.querySelector('#tool-version').value.trim() || null,
      allDeclareInterest: document.querySelector('#all-declare').checked,
    };
    place.replaceChildren(element('p', { className: 'soft' }, t('Comparing …')));
    try {
      const { portfolioWhatIf } = await asked('WhatIf', { changes, filter: filter(), first: SHOWN });
      place.replaceChildren(...shown(portfolioWhatIf, open));
    } catch (error) {
      place.replaceChildren(element('p', { className: 'notice bad' }, errorInWords(error)));
      if (error.code === 'UNAUTHENTICATED') failed(error);
    }
  });
}

/** The codes of countries that are given by name or by code; `unknown` is the first that is none. */
function codesOf(text, countries) {
  const known = new Map(countries.flatMap(({ code, name }) => [code, name, wordsFor('countries', code)].map((each) => [each.toLowerCase(), code])));
  const given = text.split(/[,;]/).flatMap((part) => (known.has(part.trim().toLowerCase()) ? [part] : part.split(/\s+(?=\w{2}(?:\s|$))/)));
  const names = given.map((name) => name.trim()).filter(Boolean);
  return {
    codes: [...new Set(names.map((name) => known.get(name.toLowerCase())))],
    unknown: names.find((name) => !known.has(name.toLowerCase())),
  };
}

function shown({ before, after, flipCount, flips }, open) {
  const [was, would] = [bySharing(before), bySharing(after)];
  const statuses = [...new Set([...Object.keys(was), ...Object.keys(would)])];
  const counts = statuses.map((status) => element('tr', {},
    element('th', { scope: 'row' }, wordsFor('sharing', status)),
    element('td', {}, String(was[status] ?? 0)),
    element('td', {}, String(would[status] ?? 0))));
  const parts = [
    scrolled(t('Sharing before and after'), element('table', { className: 'numbers' },
      head(t('Sharing'), t('Now'), t('Then')), element('tbody', {}, ...counts))),
    element('p', {}, flipCount === 1 ? t('One factory would stand elsewhere.') : t('{count} factories would stand elsewhere.', { count: number(flipCount) })),
  ];
  if (flips.length) {
    const list = flips.map(({ facility, before: one, after: other }) => element('tr', {},
      element('th', { scope: 'row' }, button(facility.name, () => open(facility.id, facility.name), { className: 'plain' })),
      element('td', {}, standing(one)),
      element('td', {}, standing(other))));
    parts.push(scrolled(t('Factories that would stand elsewhere'), element('table', {}, head(t('Name'), t('Now'), t('Then')), element('tbody', {}, ...list))));
    if (flipCount > flips.length) parts.push(element('p', { className: 'soft small' }, t('The first {count} by name.', { count: number(flips.length) })));
  }
  return parts;
}

function bySharing(counts) {
  const found = {};
  for (const { count, standing: { sharing } } of counts) found[sharing] = (found[sharing] ?? 0) + count;
  return found;
}

function standing({ sharing, primaryBlocker, toolVersion }) {
  return [
    wordsFor('sharing', sharing),
    primaryBlocker && wordsFor('primaryBlocker', primaryBlocker),
    toolVersion && `CAF v${toolVersion}`,
  ].filter(Boolean).join(', ');
}

function head(...names) {
  return element('thead', {}, element('tr', {}, ...names.map((name) => element('th', { scope: 'col' }, name))));
}

function scrolled(label, table) {
  const made = element('div', { className: 'scroll', tabIndex: 0 }, table);
  made.setAttribute('role', 'region');
  made.setAttribute('aria-label', label);
  return made;
}
