/** What was found, as elements: an answer, what applies, a FAQ; each can be copied as an e-mail. */
import { button, element } from './elements.js';
import { copyRich, plainOf } from './mail.js';
import { markdown } from './markdown.js';
import { number, t } from './texts.js';
import { errorInWords, wordsFor } from './words.js';

const OUTCOMES = {
  ANSWERED: ['Answered', 'good'],
  SUGGESTIONS: ['Not sure', 'warn'],
  HANDOVER: ['Hand it over', 'warn'],
};

const CONFIDENCE = {
  HIGH: 'High confidence.',
  MEDIUM: 'Medium confidence.',
  LOW: 'Low confidence.',
};

/**
 * The answer to a question, with its passages and why it was chosen. `context.translate` gives texts
 * in its language; `context.sent` is what of the question was sent.
 */
export function answerView(question, answer, facility, context) {
  const [label, kind] = OUTCOMES[answer.outcome];
  const text = textOf(answer);
  const { translate } = context;
  const view = element('article', { className: 'card answer', lang: answer.servedLocale });
  view.append(
    element('h2', {}, question),
    facility ? element('p', { className: 'about' }, element('strong', {}, translate('About {name}', { name: facility.name }))) : '',
    element('p', { className: 'no-print' }, element('span', { className: `tag ${kind}` }, t(label)), ` ${t(CONFIDENCE[answer.confidenceBand])} ${answer.localeReason}`),
    ...answer.readAs.map((sentence) => element('p', { className: 'soft' }, sentence)),
    element('div', {}, markdown(text)),
  );
  if (answer.outcome === 'SUGGESTIONS') view.append(faqList(answer.hits.map((hit) => hit.faq), context));
  const mail = [`**${question}**`, facility && translate('About {name}', { name: facility.name }), ...answer.readAs, text, ...sourcesOf(answer.citations, text, translate)];
  view.append(actions(mail.filter(Boolean).join('\n\n'), answer.servedLocale, context));
  if (answer.citations.length) view.append(passages(answer.citations, context));
  if (answer.hits.length) view.append(why(answer.hits));
  if (answer.followUps.length) {
    view.append(element('h3', {}, t('Related')), faqList(answer.followUps, context));
  }
  if (answer.outcome === 'ANSWERED' && answer.hits.length) view.append(rating(answer.hits[0], context));
  return view;
}

/** What applies to a facility, or to the profile of one. */
export function applicabilityView(applies, context, facility = null) {
  const letter = element('div', {}, markdown(applies.summary));
  const view = element('article', { className: 'card answer' });
  if (facility) view.append(...nameAndIds(facility));
  view.append(actions(applies.summary, applies.servedLocale, context), letter);
  view.append(path(applies.workflow), traceTree(applies.trace), passages(applies.citations, context));
  view.append(element('p', { className: 'small soft' }, applies.localeReason));
  return view;
}

/** What can be asked, with `examples` of the FAQs, for whom the page is new. */
export function firstView(examples, mayReadFacilities, { go }) {
  const list = element('ul');
  for (const { question } of examples) list.append(element('li', {}, button(question, () => go({ q: question }), { className: 'plain' })));
  return element('section', { className: 'card answer' },
    element('h2', {}, t('For a start')),
    element('p', {}, t('A question in English, Vietnamese, Indonesian or Bengali, such as:')), list,
    element('p', {}, t('A FAQ, by its number, such as 9.')),
    element('p', {}, t('A facility, by a part of its name or any of its ids: OS ID, Gateway ID or Better Work ID.'),
      mayReadFacilities ? '' : ` ${t('Sign in to look for facilities.')}`));
}

/** What a facility is called, for who does not see what applies to it. */
export function idsView(facility) {
  const only = t('Your token shows what this factory is called, not what applies to it. The FAQs answer questions in general.');
  return element('article', { className: 'card answer' }, ...nameAndIds(facility), element('p', {}, only));
}

function nameAndIds(facility) {
  const ids = [['OS ID', facility.osId], ['Gateway ID', facility.gatewayId], ['Better Work ID', facility.betterWorkId]];
  const shown = ids.filter(([, id]) => id).map(([name, id]) => `${name} ${id}`).join(' · ');
  return [element('h2', {}, facility.name), element('p', { className: 'soft small' }, shown)];
}

/** One FAQ as it is held. */
export function faqView(faq, context) {
  const view = element('article', { className: 'card answer', lang: faq.servedLocale });
  const text = element('div', {}, markdown(faq.answer));
  view.append(element('h2', {}, `FAQ ${faq.number}: ${faq.question}`), text);
  view.append(element('p', { className: 'small soft' }, `${t('{title}, last checked on {day}.', { title: faq.source.title, day: faq.checkedOn })} ${faq.localeReason}`));
  const source = `${context.translate('Source')}: FAQ ${faq.number}, ${faq.source.title}`;
  view.append(actions(`**FAQ ${faq.number}: ${faq.question}**\n\n${faq.answer}\n\n${source}`, faq.servedLocale, context));
  return view;
}

function textOf({ text, handover }) {
  return text ?? [handover?.notStated, handover?.askText].filter(Boolean).join('\n\n');
}

/** What an answer rests on, each once, with its passages that the answer does not hold already. */
function sourcesOf(citations, text, translate) {
  const sources = new Map();
  for (const citation of citations) {
    const name = nameOf(citation);
    const passage = citation.passage?.text;
    sources.set(name, [...sources.get(name) ?? [], ...(passage && !text.includes(passage) ? [passage] : [])]);
  }
  return [...sources].flatMap(([name, others]) => [`${translate('Source')}: ${name}`, ...others]);
}

function nameOf({ faqNumber, source }) {
  return faqNumber ? `FAQ ${faqNumber}, ${source.title}` : source.title;
}

/** Buttons that copy a text in Markdown, print it, or copy the link to it. */
function actions(text, locale, { linkOf }) {
  const row = element('div', { className: 'row no-print', role: 'group', 'aria-label': t('Copy') });
  const done = element('span', { className: 'small soft', role: 'status' });
  const copying = (label, copy) => button(label, async () => {
    try {
      await copy();
      done.textContent = t('Copied');
    } catch {
      done.textContent = t('Not copied: the browser does not let it');
    }
  });
  row.append(
    copying(t('Copy as e-mail'), () => copyRich(text, locale)),
    copying(t('Copy as plain text'), () => navigator.clipboard.writeText(plainOf(text))),
    copying(t('Copy link'), () => navigator.clipboard.writeText(linkOf())),
    button(t('Print'), () => print()),
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
  const shown = element('details', {}, element('summary', {}, t('Passages and sources ({count})', { count: number(citations.length) })));
  for (const citation of citations) {
    const { faqNumber, role, passage } = citation;
    const name = faqNumber ? button(nameOf(citation), () => go({ faq: faqNumber }), { className: 'plain' }) : nameOf(citation);
    shown.append(element('p', {}, name, ` · ${wordsFor('citation', role)}${passage ? ` · ${passage.id}` : ''}`));
    if (passage) shown.append(element('blockquote', { className: 'soft' }, markdown(passage.text, 4)));
  }
  return shown;
}

function why(hits) {
  const shown = element('details', {}, element('summary', {}, t('Why this answer')));
  const list = element('ul');
  for (const { faq, passage, matchedPhrase, matchedTerms, because } of hits) {
    const facts = [
      t('FAQ {number}, passage {passage}', { number: faq.number, passage: passage.id }),
      t('nearest to “{phrase}”', { phrase: matchedPhrase }),
      matchedTerms.length ? t('words: {words}', { words: matchedTerms.join(', ') }) : '',
      because,
    ];
    list.append(element('li', {}, facts.filter(Boolean).join('; ')));
  }
  shown.append(list);
  return shown;
}

function path({ title, steps }) {
  const shown = element('details', {}, element('summary', {}, `${t('The path')}: ${title}`));
  const list = element('ol', { className: 'steps' });
  for (const step of steps) {
    const when = step.doneOn ? `, ${step.doneOn}` : '';
    list.append(element('li', { className: step.state }, `${step.title} · ${wordsFor('nextActor', step.actor)} · ${wordsFor('stepState', step.state)}${when}`));
  }
  shown.append(list);
  return shown;
}

function traceTree(trace) {
  const shown = element('details', { className: 'tree' }, element('summary', {}, t('The rules that were tried')));
  for (const table of new Set(trace.map((row) => row.table))) {
    const rows = trace.filter((row) => row.table === table);
    const holding = rows.filter((row) => row.matched).map((row) => row.row).join(', ') || t('none holds');
    const branch = element('details', {}, element('summary', {}, t('Table {table}: {rows}', { table, rows: holding })));
    for (const { row, matched, inputs } of rows.toSorted((one, other) => other.matched - one.matched)) {
      const leaf = element('details', { open: matched }, element('summary', { className: matched ? 'holds' : 'holds-not' }, t(matched ? '{row} holds' : '{row} does not hold', { row })));
      leaf.append(element('ul', {}, ...inputs.map(inputLine)));
      branch.append(leaf);
    }
    shown.append(branch);
  }
  return shown;
}

function inputLine({ name, value, accepts, matched }) {
  const text = matched
    ? t('✓ {name} is {value}', { name, value })
    : t('✗ {name} is {value}; it would have to be {wanted}', { name, value, wanted: accepts.join(' / ') });
  return element('li', { className: matched ? 'holds' : 'holds-not' }, text);
}

function rating(hit, { run, sent: question }) {
  const row = element('div', { className: 'row no-print' }, t('Did it help?'));
  for (const [label, helpful] of [[t('Yes'), true], [t('No'), false]]) {
    row.append(button(label, async () => {
      const input = { question: question.slice(0, 500), faqNumber: hit.faq.number, passageId: hit.passage.id, helpful };
      row.textContent = await run('RateAnswer', { input }).then(() => t('Thank you, it is kept.'), errorInWords);
    }));
  }
  return row;
}
