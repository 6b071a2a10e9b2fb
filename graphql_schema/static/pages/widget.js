/**
 * A chat for any page, by one script tag. Its options are attributes of the tag:
 *
 * data-locale   the language to begin with and to answer in; else that of the page and the question
 * data-target   a selector of the element to show it in; else it floats in a corner
 * data-contact  an address (https: or mailto:) of a person, shown where the answer is a hand-over
 * data-scheme   light or dark; else what the reader's system has
 *
 * It tells the page what was answered by the event `kb-answer` of its element, with `outcome`.
 */
import { ApiError, ask, load } from './api.js';
import { element } from './elements.js';
import { link, markdown } from './markdown.js';
import { sheet } from './widget-style.js';
import { TEXTS } from './widget-texts.js';

const LONGEST_QUESTION = 2000;

/** Puts the chat on the page. */
export function start(options = {}) {
  const target = options.target ? document.querySelector(options.target) : null;
  const host = document.createElement('kb-chat');
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [sheet];
  if (target) host.dataset.inline = '';
  if (options.scheme) host.dataset.scheme = options.scheme;
  new Chat(host, root, options, target !== null);
  (target ?? document.body).append(host);
  return host;
}

class Chat {
  constructor(host, root, options, inline) {
    this.host = host;
    this.contact = options.contact;
    this.chosen = options.locale in TEXTS ? options.locale : null;
    this.locale = this.chosen ?? served(document.documentElement.lang) ?? served(navigator.language) ?? 'en';
    this.previous = null;
    this.documents = null;
    this.launcher = element('button', { className: 'open main', type: 'button' });
    this.panel = element('div', { className: 'panel', id: 'panel', hidden: !inline });
    this.title = element('h2', { id: 'title' });
    this.languages = element('select');
    for (const [locale, { name }] of Object.entries(TEXTS)) {
      this.languages.append(element('option', { value: locale, lang: locale, textContent: name }));
    }
    this.closer = element('button', { type: 'button', textContent: '✕', hidden: inline });
    this.log = element('div', { className: 'log', tabIndex: 0 });
    this.status = element('div', { className: 'status', role: 'status' });
    this.input = element('input', { type: 'text', maxLength: LONGEST_QUESTION, autocomplete: 'off' });
    this.sender = element('button', { className: 'main' });
    const form = element('form', {}, this.input, this.sender);
    this.panel.append(element('header', {}, this.title, this.languages, this.closer), this.log, this.status, form);
    this.panel.setAttribute('role', inline ? 'region' : 'dialog');
    this.panel.setAttribute('aria-labelledby', 'title');
    this.log.setAttribute('role', 'log');
    this.launcher.setAttribute('aria-expanded', 'false');
    this.launcher.hidden = inline;
    root.append(this.launcher, this.panel);
    this.welcome = element('p');
    this.log.append(this.welcome);
    this.speak(this.locale);

    this.launcher.addEventListener('click', () => this.open(true));
    this.closer.addEventListener('click', () => this.open(false));
    this.panel.addEventListener('keydown', (event) => {
      event.stopPropagation();  // pages have shortcuts of their own
      if (event.key === 'Escape' && !inline) this.open(false);
    });
    this.languages.addEventListener('change', () => {
      this.chosen = this.languages.value;
      this.speak(this.chosen);
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const question = this.input.value.trim();
      if (question) this.ask(question);
    });
  }

  get texts() {
    return TEXTS[this.locale];
  }

  speak(locale) {
    this.locale = locale;
    const { texts } = this;
    this.host.lang = locale;
    this.languages.value = locale;
    this.launcher.textContent = texts.open;
    this.title.textContent = texts.title;
    this.welcome.textContent = texts.welcome;
    this.sender.textContent = texts.send;
    this.input.placeholder = texts.question;
    for (const [part, label] of [[this.input, texts.question], [this.closer, texts.close], [this.languages, texts.language], [this.log, texts.title]]) {
      part.setAttribute('aria-label', label);
    }
  }

  open(wanted) {
    this.panel.hidden = !wanted;
    this.launcher.hidden = wanted;
    this.launcher.setAttribute('aria-expanded', String(wanted));
    (wanted ? this.input : this.launcher).focus();
  }

  async ask(question) {
    if (this.asking) return;
    this.asking = true;
    this.input.value = '';
    this.say('user', this.texts.you, element('p', { textContent: question }));
    this.status.textContent = this.texts.searching;
    try {
      this.documents ??= await load('widget.graphql');
      const variables = { question, previousQuestion: this.previous, locale: this.chosen };
      const { ask: answer } = await ask(this.documents, variables, { operation: 'Widget' });
      this.previous = question;
      if (!this.chosen && answer.servedLocale in TEXTS) this.speak(answer.servedLocale);
      const shown = this.say('answer', this.texts.answer, ...this.answered(answer, question));
      shown.lang = answer.servedLocale;
      this.host.dispatchEvent(new CustomEvent('kb-answer', { bubbles: true, detail: { outcome: answer.outcome } }));
    } catch (error) {
      this.failed(error, question);
    }
    this.status.textContent = '';
    this.asking = false;
    // Who has gone on to another part of the page meanwhile stays there.
    const { activeElement } = this.host.getRootNode();
    if (!activeElement || activeElement === document.body || activeElement === this.host) this.input.focus();
  }

  answered(answer, question) {
    const { texts } = this;
    const parts = answer.readAs.map((sentence) => element('p', { textContent: sentence }));
    if (answer.outcome === 'ANSWERED') {
      parts.push(element('div', {}, markdown(answer.text)), this.sources(answer.citations));
      parts.push(this.buttons(texts.followUps, answer.followUps), this.rating(answer.hits[0], question));
      return parts;
    }
    if (answer.outcome === 'SUGGESTIONS') {
      parts.push(this.buttons(texts.suggestions, answer.hits.map((hit) => hit.faq)));
    }
    if (answer.handover) {
      const { notStated, askText } = answer.handover;
      const said = answer.text ? [markdown(answer.text)] : [notStated, askText].filter(Boolean).map((text) => element('p', { textContent: text }));
      const person = this.contact ? link(texts.person, this.contact) : null;
      parts.push(element('div', { className: 'handover' }, ...said, ...(person ? [person] : [])), this.sources(answer.citations));
    }
    return parts;
  }

  sources(citations) {
    const shown = element('details', {}, element('summary', { textContent: this.texts.sources }));
    for (const { faqNumber, passage, source } of citations) {
      const name = faqNumber ? `FAQ ${faqNumber}, ${source.title}` : source.title;
      shown.append(element('p', {}, element('strong', { textContent: name })));
      if (passage) shown.append(element('div', {}, markdown(passage.text)));
    }
    shown.hidden = citations.length === 0;
    return shown;
  }

  buttons(label, faqs) {
    const seen = new Set();
    const shown = element('div', { className: 'buttons', role: 'group', ariaLabel: label });
    for (const { number, question, button } of faqs) {
      if (seen.has(number)) continue;
      seen.add(number);
      const choice = element('button', { type: 'button', textContent: button ?? question, title: question });
      choice.addEventListener('click', () => this.ask(question));
      shown.append(choice);
    }
    return seen.size ? element('div', {}, element('p', { textContent: label }), shown) : '';
  }

  rating(hit, question) {
    if (!hit) return '';
    const { texts } = this;
    const row = element('div', { className: 'row' }, texts.helped);
    for (const helpful of [true, false]) {
      const choice = element('button', { type: 'button', textContent: helpful ? texts.yes : texts.no });
      choice.addEventListener('click', () => {
        const input = { question: question.slice(0, 500), faqNumber: hit.faq.number, passageId: hit.passage.id, helpful };
        row.textContent = texts.thanks;
        ask(this.documents, { input }, { operation: 'WidgetRating' }).catch(() => {});
      });
      row.append(choice);
    }
    return row;
  }

  failed(error, question) {
    if (!(error instanceof ApiError)) throw error;
    const { texts } = this;
    if (error.code === 'UNREACHABLE') hintAtOrigins();
    const told = { UNREACHABLE: texts.unreachable, RATE_LIMITED: texts.busy(error.retryAfter) };
    const again = element('button', { type: 'button', textContent: texts.again });
    again.addEventListener('click', () => { again.remove(); this.ask(question); });
    this.say('answer', texts.answer, element('p', { textContent: told[error.code] ?? error.message }), again);
  }

  say(kind, who, ...parts) {
    const turn = element('div', { className: `turn ${kind}` }, element('span', { className: 'who', textContent: `${who}: ` }), ...parts);
    this.log.append(turn);
    turn.scrollIntoView({ block: 'nearest' });
    return turn;
  }
}

/** Tells who builds the page the likeliest reason why a server that runs does not answer it. */
function hintAtOrigins() {
  const server = new URL(import.meta.url).origin;
  if (server === location.origin) return;
  console.warn(`No answer of ${server} came through. If it runs, name this site in its KB_ALLOWED_ORIGINS='["${location.origin}"]'.`);
}

function served(tag) {
  const [language] = (tag ?? '').toLowerCase().split('-');
  return language in TEXTS ? language : null;
}
