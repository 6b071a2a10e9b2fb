/** What was not answered, to be closed, and what did not help. */
import { button, element } from './elements.js';
import { number, t } from './texts.js';
import { errorInWords } from './words.js';

const REASONS = {
  PHRASING_ADDED: 'A phrasing was added',
  NOT_COVERED: 'The sources do not cover it',
  OUT_OF_SCOPE: 'It is about something else',
};

/** The open questions, with the answers that did not help. */
export async function queueView(context) {
  const { openQuestions, answerRatings } = await context.run('Queue');
  const list = element('div', {}, ...openQuestions.nodes.map((group) => entry(group, context)));
  const view = element('section', { className: 'card stack' }, element('h2', {}, t('Questions that were not answered')), list);
  if (!openQuestions.nodes.length) list.append(element('p', { className: 'soft' }, t('None is open.')));
  more(openQuestions.pageInfo, list, view, context);
  const unhelpful = answerRatings.filter((rating) => rating.unhelpful > 0);
  view.append(element('h2', {}, t('Answers that did not help')));
  if (!unhelpful.length) view.append(element('p', { className: 'soft' }, t('None was rated so.')));
  else view.append(element('p', { className: 'small soft' }, t('A better text, published, begins to count anew.')));
  for (const { faqNumber, passageId, release, helpful, unhelpful: not } of unhelpful) {
    const open = button(t('FAQ {number}, passage {passage}', { number: faqNumber, passage: passageId }), () => context.go({ faq: faqNumber }), { className: 'plain' });
    const counted = t('release {release}: did not help {not}, helped {helpful}', { release, not: number(not), helpful: number(helpful) });
    view.append(element('p', {}, open, ` · ${counted}`));
  }
  return view;
}

function more(pageInfo, list, view, context) {
  if (!pageInfo.hasNextPage) return;
  const outcome = element('p', { className: 'small soft', role: 'status' });
  const next = button(t('More'), async () => {
    try {
      const { openQuestions } = await context.run('Queue', { after: pageInfo.endCursor });
      const entries = openQuestions.nodes.map((group) => entry(group, context));
      list.append(...entries);
      entries[0]?.querySelector('button').focus();
      next.remove();
      outcome.remove();
      more(openQuestions.pageInfo, list, view, context);
    } catch (error) {
      outcome.textContent = errorInWords(error);
    }
  });
  list.after(next, outcome);
}

function entry(group, { run, go }) {
  const [first, ...others] = group.examples;
  const reason = element('select', { 'aria-label': t('Why it is closed') }, element('option', { value: '' }, t('Why it is closed')));
  for (const [value, label] of Object.entries(REASONS)) reason.append(element('option', { value }, t(label)));
  const note = element('input', { type: 'text', placeholder: t('Note for colleagues'), 'aria-label': t('Note for colleagues'), maxLength: 2000 });
  const outcome = element('span', { className: 'small soft', role: 'status' });
  const close = button(t('Close'), () => askBack(true), { disabled: true });
  const sure = button(t('Close it for everybody'), async () => {
    const input = { group: group.group, reason: reason.value, note: note.value || null };
    try {
      const { questionClose: result } = await run('CloseQuestion', { input });
      if (result.__typename === 'QuestionsClosed') {
        (shown.nextElementSibling ?? shown.previousElementSibling)?.querySelector('button').focus();
        shown.remove();
      } else outcome.textContent = t('It was not closed; look at the list again.');
    } catch (error) {
      outcome.textContent = errorInWords(error);
    }
  }, { className: 'main' });
  const filling = element('div', { className: 'row' }, reason, note, close);
  const confirming = element('div', { className: 'row', hidden: true }, element('span'), sure, button(t('Cancel'), () => askBack(false)));
  const askBack = (asked) => {
    [filling.hidden, confirming.hidden] = [asked, !asked];
    confirming.firstChild.textContent = `${reason.selectedOptions[0].textContent}.`;
    (asked ? sure : close).focus();
  };
  reason.addEventListener('change', () => { close.disabled = !reason.value; });
  const shown = element('div', { className: 'entry stack' });
  shown.append(
    element('p', {}, button(first, () => go({ q: first }), { className: 'plain' }), ` · ${group.count}× · ${group.locale} · ${group.lastAskedAt.slice(0, 10)} `,
      group.outcome === 'ANSWERED' ? element('span', { className: 'tag warn' }, t('The answer did not help')) : ''),
    others.length ? element('p', { className: 'small soft' }, others.join(' · ')) : '',
    group.nearest.length ? element('p', { className: 'small soft' }, `${t('Nearest')}: ${group.nearest.map((faq) => `FAQ ${faq.number}`).join(', ')}`) : '',
    filling, confirming, outcome,
  );
  return shown;
}
