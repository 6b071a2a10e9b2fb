import { ask, load } from './api.js';

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
const month = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const year = new Intl.DateTimeFormat('en-GB', { year: 'numeric', timeZone: 'UTC' });
const DATED = { DAY: day, MONTH: month, YEAR: year };

const state = document.querySelector('#state');

try {
  const { knowledge, sources } = await ask(await load('home.graphql'));
  state.replaceChildren(summaryOf(knowledge, sources), listOf(sources));
} catch (error) {
  const notice = document.createElement('p');
  notice.className = 'notice warn';
  notice.textContent = `What is held is not shown: ${error.message}`;
  state.replaceChildren(notice);
}
state.removeAttribute('aria-busy');

function summaryOf(knowledge, sources) {
  const document_ = sources.find((source) => source.layer === 'SHARED_FAQS_2021');
  const pages = sources.filter((source) => source.layer === 'PUBLIC_RECORD');
  const list = document.createElement('dl');
  list.className = 'facts';
  fact(list, 'Release', `${knowledge.number}, published ${day.format(new Date(knowledge.publishedAt))}`);
  fact(list, 'Holds', `${knowledge.recordCount.toLocaleString('en-GB')} records`);
  if (document_) fact(list, 'The source', `${document_.title}, as of ${datedOf(document_)}`);
  if (pages.length) {
    const checked = pages.map((source) => source.checkedOn).sort();
    fact(list, 'Later pages', `${pages.length}, last compared ${between(checked[0], checked.at(-1))}`);
  }
  return list;
}

function listOf(sources) {
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = `All ${sources.length} sources with their ages`;
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
  return `undated; read ${day.format(new Date(checkedOn))}`;
}

function between(first, last) {
  const from = day.format(new Date(first));
  return first === last ? `on ${from}` : `between ${from} and ${day.format(new Date(last))}`;
}

function fact(list, name, text) {
  list.append(element('dt', name), element('dd', text));
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
