import { ask, load } from './api.js';
import { intlLocale, number, t, translatePage } from './texts.js';

const day = new Intl.DateTimeFormat(intlLocale, { dateStyle: 'long', timeZone: 'UTC' });
const month = new Intl.DateTimeFormat(intlLocale, { month: 'long', year: 'numeric', timeZone: 'UTC' });
const year = new Intl.DateTimeFormat(intlLocale, { year: 'numeric', timeZone: 'UTC' });
const DATED = { DAY: day, MONTH: month, YEAR: year };

const state = document.querySelector('#state');
translatePage();

try {
  const { knowledge, sources } = await ask(await load('home.graphql'));
  state.replaceChildren(summaryOf(knowledge, sources), listOf(sources));
} catch (error) {
  const notice = document.createElement('p');
  notice.className = 'notice warn';
  notice.textContent = t('What is held is not shown: {message}', { message: error.message });
  state.replaceChildren(notice);
}
state.removeAttribute('aria-busy');

function summaryOf(knowledge, sources) {
  const document_ = sources.find((source) => source.layer === 'SHARED_FAQS_2021');
  const pages = sources.filter((source) => source.layer === 'PUBLIC_RECORD');
  const list = document.createElement('dl');
  list.className = 'facts';
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
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = t('All {count} sources with their ages', { count: number(sources.length) });
  const list = document.createElement('ul');
  list.className = 'sources small';
  for (const source of sources) {
    const entry = document.createElement('li');
    entry.append(element('strong', source.title), `, ${source.publisher}. ${datedOf(source)}.`);
    list.append(entry);
  }
  details.append(summary, list);
  return details;
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
  list.append(element('dt', name), element('dd', text));
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
