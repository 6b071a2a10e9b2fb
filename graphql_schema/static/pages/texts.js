/**
 * What the pages say of themselves, in the language of the address (`?lang=vi`). The English text is
 * the key, as in the catalogues of the answers; one that has no translation stays English.
 */
const LANGUAGES = { en: 'English', vi: 'Tiếng Việt', id: 'Bahasa Indonesia', bn: 'বাংলা' };
const NUMBERS = { en: 'en-GB', vi: 'vi-VN', id: 'id-ID', bn: 'bn-BD' };

const wanted = new URLSearchParams(location.search).get('lang');

/** The language of the page. */
export const language = wanted in LANGUAGES ? wanted : 'en';
/** The same as Intl has it. */
export const intlLocale = NUMBERS[language];

const { reviewed, texts } = await read(language);

/** A text in the language of the page; `values` fill its {places}. */
export function t(text, values = {}) {
  return filled(texts[text] ?? text, values);
}

/** The same in another language, such as that of an answer. */
export async function inLanguage(code) {
  const { texts: others } = await read(code);
  return (text, values = {}) => filled(others[text] ?? text, values);
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => isolated(values[name]) ?? place);
}

/** A text that is read from the right, marked so that it leaves the order of what is around it. */
function isolated(value) {
  return /[\u0590-\u08ff]/.test(value) ? `\u2068${value}\u2069` : value;
}

/** A number as the language of the page writes it. */
export function number(value) {
  return value.toLocaleString(intlLocale);
}

/** Translates what stands in the HTML, keeps the language in links, and shows the choice of it. */
export function translatePage() {
  document.documentElement.lang = language;
  document.title = document.title.split(' · ').map((part) => t(part)).join(' · ');
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const [, before, text, after] = /^(\s*)(.*?)(\s*)$/s.exec(node.data);
    if (text) node.data = before + t(text.replace(/\s+/g, ' ')) + after;
  }
  for (const name of ['aria-label', 'placeholder']) {
    for (const element of document.querySelectorAll(`[${name}]`)) element.setAttribute(name, t(element.getAttribute(name)));
  }
  for (const link of document.querySelectorAll('header a, .doors a')) {
    if (language !== 'en') link.search = new URLSearchParams({ lang: language });
  }
  const choice = document.querySelector('#language');
  choice.replaceChildren(...Object.entries(LANGUAGES).map(([code, name]) => {
    const option = new Option(name, code, code === language, code === language);
    option.lang = code;
    return option;
  }));
  choice.hidden = false;
  choice.addEventListener('change', () => {
    const given = new URLSearchParams(location.search);
    given.delete('lang');
    if (choice.value !== 'en') given.set('lang', choice.value);
    location.search = given;
  });
  const note = document.querySelector('#unreviewed');
  note.hidden = reviewed;
  note.textContent = t('Nobody who speaks this language has reviewed the labels of this page yet.');
}

async function read(code) {
  if (code === 'en' || !(code in LANGUAGES)) return { reviewed: true, texts: {} };
  try {
    return await (await fetch(new URL(`texts/${code}.json`, import.meta.url))).json();
  } catch {
    return { reviewed: true, texts: {} };
  }
}
