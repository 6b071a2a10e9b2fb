/** What was found, as elements: an answer, what applies, a FAQ; each can be copied as an e-mail. */
import { button, element } from './elements.js';
import { copyRich, plainOf } from './mail.js';
import { markdown } from './markdown.js';

const OUTCOMES = {
  ANSWERED: ['Answered', 'good'],
  SUGGESTIONS: ['Not sure', 'warn'],
  HANDOVER: ['Hand it over', 'warn'],
};

/** The answer to a question, with its passages and why it was chosen. */
export function answerView(question, answer, facility, context) {
  const [label, kind] = OUTCOMES[answer.outcome];
  const text = element('div', {}, markdown(textOf(answer)));
  const view = element('article', { className: 'card answer', lang: answer.servedLocale });
  view.append(
    element('h2', {}, question),
    element('p', { className: 'no-print' }, element('span', { className: `tag ${kind}` }, label), ` ${answer.confidenceBand.toLowerCase()} confidence. ${answer.localeReason}`),
    ...answer.readAs.map((sentence) => element('p', { className: 'soft' }, sentence)),
    text,
  );
  if (answer.outcome === 'SUGGESTIONS') view.append(faqList(answer.hits.map((hit) => hit.faq), context));
  view.append(actions(view, `${question}\n\n${plainOf(textOf(answer))}\n\n${sourcesOf(answer.citations)}`, context));
  if (answer.citations.length) view.append(passages(answer.citations, context));
  if (answer.hits.length) view.append(why(answer.hits));
  if (answer.followUps.length) {
    view.append(element('h3', {}, 'Related'), faqList(answer.followUps, context));
  }
  if (answer.outcome === 'ANSWERED' && answer.hits.length) view.append(rating(question, answer.hits[0], context));
  return view;
}

/** What applies to a facility, or to the profile of one. */
export function applicabilityView(applies, context, facility = null) {
  const letter = element('div', {}, markdown(applies.summary));
  const view = element('article', { className: 'card answer' });
  if (facility) {
    const ids = [['OS ID', facility.osId], ['Gateway ID', facility.gatewayId], ['Better Work ID', facility.betterWorkId]];
    view.append(element('h2', {}, facility.name), element('p', { className: 'soft small' }, ids.filter(([, id]) => id).map(([name, id]) => `${name} ${id}`).join(' · ')));
  }
  view.append(actions(letter, plainOf(applies.summary), context), letter);
  view.append(path(applies.workflow), traceTree(applies.trace), passages(applies.citations, context));
  view.append(element('p', { className: 'small soft' }, applies.localeReason));
  return view;
}

/** One FAQ as it is held. */
export function faqView(faq, context) {
  const view = element('article', { className: 'card answer', lang: faq.servedLocale });
  const text = element('div', {}, markdown(faq.answer));
  view.append(element('h2', {}, `FAQ ${faq.number}: ${faq.question}`), text);
  view.append(element('p', { className: 'small soft' }, `${faq.source.title}, last checked on ${faq.checkedOn}. ${faq.localeReason}`));
  view.append(actions(view, `FAQ ${faq.number}: ${faq.question}\n\n${plainOf(faq.answer)}`, context));
  return view;
}

function textOf({ text, handover }) {
  return text ?? [handover?.notStated, handover?.askText].filter(Boolean).join('\n\n');
}

function sourcesOf(citations) {
  return [...new Set(citations.map(nameOf))].map((name) => `Source: ${name}`).join('\n');
}

function nameOf({ faqNumber, source }) {
  return faqNumber ? `FAQ ${faqNumber}, ${source.title}` : source.title;
}

function actions(view, plain, { linkOf }) {
  const row = element('div', { className: 'row no-print', role: 'group', 'aria-label': 'Copy' });
  const done = element('span', { className: 'small soft', role: 'status' });
  const copying = (label, copy) => button(label, async () => {
    try {
      await copy();
      done.textContent = 'Copied.';
    } catch {
      done.textContent = 'The browser did not allow it; select the text instead.';
    }
  });
  row.append(
    copying('Copy as e-mail', () => copyRich(view, plain)),
    copying('Copy as plain text', () => navigator.clipboard.writeText(plain)),
    copying('Copy link', () => navigator.clipboard.writeText(linkOf())),
    done,
  );
  return row;
}

function faqList(faqs, { go }) {
  const list = element('ul');
  for (const [number, question] of new Map(faqs.map((faq) => [faq.number, faq.question]))) {
    list.append(element('li', {}, button(`FAQ ${number}: ${question}`, () => go({ faq: number }), { className: 'plain' })));
  }
  return list;
}

function passages(citations, { go }) {
  const shown = element('details', {}, element('summary', {}, `Passages and sources (${citations.length})`));
  for (const citation of citations) {
    const { faqNumber, role, passage } = citation;
    const name = faqNumber ? button(nameOf(citation), () => go({ faq: faqNumber }), { className: 'plain' }) : nameOf(citation);
    shown.append(element('p', {}, name, ` · ${role.toLowerCase()}${passage ? ` · ${passage.id}` : ''}`));
    if (passage) shown.append(element('blockquote', { className: 'soft' }, markdown(passage.text, 4)));
  }
  return shown;
}

function why(hits) {
  const shown = element('details', {}, element('summary', {}, 'Why this answer'));
  const list = element('ul');
  for (const { faq, passage, matchedPhrase, matchedTerms, because } of hits) {
    const terms = matchedTerms.length ? `; words: ${matchedTerms.join(', ')}` : '';
    list.append(element('li', {}, `FAQ ${faq.number}, passage ${passage.id}: nearest to “${matchedPhrase}”${terms}${because ? `; ${because}` : ''}`));
  }
  shown.append(list);
  return shown;
}

function path({ title, steps }) {
  const shown = element('details', {}, element('summary', {}, `The way: ${title}`));
  const list = element('ol', { className: 'steps' });
  for (const step of steps) {
    const when = step.doneOn ? ` on ${step.doneOn}` : '';
    list.append(element('li', { className: step.state }, `${step.title} · ${words(step.actor)} · ${words(step.state)}${when}`));
  }
  shown.append(list);
  return shown;
}

function traceTree(trace) {
  const shown = element('details', { className: 'tree' }, element('summary', {}, 'The rules that were tried'));
  for (const table of new Set(trace.map((row) => row.table))) {
    const rows = trace.filter((row) => row.table === table);
    const holding = rows.filter((row) => row.matched).map((row) => row.row).join(', ') || 'none holds';
    const branch = element('details', {}, element('summary', {}, `Table ${table}: ${holding}`));
    for (const { row, matched, inputs } of rows.toSorted((one, other) => other.matched - one.matched)) {
      const leaf = element('details', { open: matched }, element('summary', { className: matched ? 'holds' : 'holds-not' }, `${row} ${matched ? 'holds' : 'does not hold'}`));
      leaf.append(element('ul', {}, ...inputs.map(inputLine)));
      branch.append(leaf);
    }
    shown.append(branch);
  }
  return shown;
}

function inputLine({ name, value, accepts, matched }) {
  const text = matched ? `✓ ${name} is ${value}` : `✗ ${name} is ${value}; it would have to be ${accepts.join(' or ')}`;
  return element('li', { className: matched ? 'holds' : 'holds-not' }, text);
}

function words(code) {
  return code.replaceAll('_', ' ').toLowerCase();
}

function rating(question, hit, { run }) {
  const row = element('div', { className: 'row no-print' }, 'Did it help?');
  for (const [label, helpful] of [['Yes', true], ['No', false]]) {
    row.append(button(label, async () => {
      const input = { question: question.slice(0, 500), faqNumber: hit.faq.number, passageId: hit.passage.id, helpful };
      row.textContent = 'Thank you, it is kept.';
      await run('RateAnswer', { input }).catch((error) => { row.textContent = error.message; });
    }));
  }
  return row;
}
