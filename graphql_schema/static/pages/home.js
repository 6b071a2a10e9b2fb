import { ApiError, ask, load, passes } from './api.js';
import { element } from './elements.js';
import { intlLocale, number, t, translatePage } from './texts.js';
import { errorInWords } from './words.js';

const day = new Intl.DateTimeFormat(intlLocale, { dateStyle: 'long', timeZone: 'UTC' });
const month = new Intl.DateTimeFormat(intlLocale, { month: 'long', year: 'numeric', timeZone: 'UTC' });
const year = new Intl.DateTimeFormat(intlLocale, { year: 'numeric', timeZone: 'UTC' });
const PAUSE = 5_000;
const DATED = { DAY: day, MONTH: month, YEAR: year };

const state = document.querySelector('#state');
translatePage();
show();

async function show() {
  try {
    const { knowledge, sources } = await ask(await load('home.graphql'));
    state.replaceChildren(summaryOf(knowledge, sources), listOf(sources));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const message = t('What is held is not shown: {message}', { message: errorInWords(error) });
    state.replaceChildren(element('p', { className: 'notice warn' }, message));
    if (passes(error)) setTimeout(show, PAUSE);
  }
  state.removeAttribute('aria-busy');
}

function summaryOf(knowledge, sources) {
  const document_ = sources.find((source) => source.layer === 'SHARED_FAQS_2021');
  const pages = sources.filter((source) => source.layer === 'PUBLIC_RECORD');
  const list = element('dl', { className: 'facts' });
  fact(list, t('Release'), t('{number}, published {day}', { number: number(knowledge.number), day: day.format(new Date(knowledge.publishedAt)) }));
  fact(list, t('Holds'), t('{count} records', { count: number(knowledge.recordCount) }));
  if (document_) fact(list, t('The source'), t('{title}, as of {day}', { title: document_.title, day: datedOf(document_) }));
  if (pages.length) {
    const checked = pages.map((source) => source.checkedOn).sort();
    fact(list, t('Later pages'), t('{count}, last compared {when}', { count: number(pages.length), when: between(checked[0], checked.at(-1)) }));
  }
  return list;
}

function listOf(sources) {
  const entries = sources.map((source) =>
    element('li', {}, element('strong', {}, source.title), `, ${source.publisher}. ${datedOf(source)}.`));
  return element('details', {},
    element('summary', {}, t('All {count} sources with their ages', { count: number(sources.length) })),
    element('ul', { className: 'sources small' }, ...entries));
}

function datedOf({ dated, precision, checkedOn }) {
  if (dated) return DATED[precision].format(new Date(dated));
  return t('undated; read {day}', { day: day.format(new Date(checkedOn)) });
}

function between(first, last) {
  const from = day.format(new Date(first));
  return first === last ? t('on {day}', { day: from }) : t('between {from} and {to}', { from, to: day.format(new Date(last)) });
}

function fact(list, name, text) {
  list.append(element('dt', {}, name), element('dd', {}, text));
}
