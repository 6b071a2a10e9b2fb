/** Which facility a text in the box means: by an id or a name, alone or within a question. */
import { ApiError } from './api.js';

const LONGEST_NAME = 120;
const MOST_LOOKED_UP = 8;
/** Letters, digits and hyphens with a digit among them: an OS ID, but also COVID-19. */
const ID = /(?<![\p{L}\p{N}.-])(?=[\p{L}-]*\d)[\p{L}\d-]{5,}(?![\p{L}\p{N}-])/gu;
/** What can hardly be anything but an id: long, with three digits, and no years. */
const UNMISTAKABLE = /^(?!(?:19|20)\d\d(?:-\d{1,4})*$)(?:\d{6,}|(?=(?:\D*\d){3}).{9,})$/;
/** From here on a score of a search says that a text is about something that a FAQ answers. */
const ABOUT_A_FAQ = 0.4;
const WORDS_OF_A_NAME = 6;
/** Words of up to so many letters join others more often than they name something. */
const LONGEST_SMALL_WORD = 3;

/** Whether a text is one word that may be an id. */
export function isId(text) {
  return idsIn(text)[0] === text.trim();
}

/** The first part of a text that is an id, whether there is a facility with it or not. */
export function surelyIdIn(text) {
  return idsIn(text).find((id) => UNMISTAKABLE.test(id)) ?? null;
}

/** A question as it is sent, without ids: which facility is meant is sent beside it. */
export function withoutIds(question) {
  return question.replace(ID, (id) => (UNMISTAKABLE.test(id) ? '…' : id));
}

function idsIn(text) {
  return (text.match(ID) ?? []).slice(0, MOST_LOOKED_UP);
}

/**
 * The facilities that a text means, as `{ facilities, total, text }`: those whose id or name it is
 * or holds, and `text` is what of it was found in their names.
 */
export async function facilitiesMeant(text, run) {
  if (text.length <= LONGEST_NAME) {
    const [withId, named] = await Promise.all([facilityWith(text, run), namedLike(text, run)]);
    if (withId) return meant([withId], 1, text);
    if (named.totalCount) return meant(named.nodes, named.totalCount, text);
  }
  const found = await Promise.all([...new Set(idsIn(text))].map((id) => facilityWith(id, run)));
  const withIds = found.filter(Boolean);
  return withIds.length ? meant(withIds) : namedIn(text, run);
}

/** Whether a text reads like a name, as no FAQ is about it; a `followUp` if it is written like one, too. */
export async function looksLikeName(text, run, followUp) {
  const words = text.split(/\s+/);
  if (text.includes('?') || words.length > WORDS_OF_A_NAME) return false;
  if (followUp && !words.every((word) => /^[^\p{Ll}]/u.test(word))) return false;
  const { search } = await run('About', { text });
  return (search.hits[0]?.score ?? 0) < ABOUT_A_FAQ;
}

function meant(facilities, total = facilities.length, text = '') {
  const different = [...new Map(facilities.map((facility) => [facility.id, facility])).values()];
  return { facilities: different, total, text };
}

async function facilityWith(id, run) {
  try {
    return (await run('ById', { id })).facility;
  } catch (error) {
    if (error instanceof ApiError && ['NOT_FOUND', 'INVALID_INPUT'].includes(error.code)) return null;
    throw error;
  }
}

async function namedLike(name, run) {
  return (await run('ByName', { name })).facilities;
}

/**
 * Facilities of whose names a question holds more than half. Where two words begin many names and a
 * number follows that none of them has, as in "demo factory 10", it is those many.
 */
async function namedIn(question, run) {
  const words = wordsOf(question);
  const pairs = words.slice(1).map((word, place) => [words[place], word, words[place + 2] ?? '']);
  const likely = [...pairs.filter(likeName), ...pairs.filter((pair) => !likeName(pair) && bothLong(pair))]
    .slice(0, MOST_LOOKED_UP).map(([first, second]) => [first, second]);
  const looked = await Promise.all(likely.map(async (pair) => ({ pair, ...await namedLike(pair.join(' '), run) })));
  const said = new Set(words.map(lower));
  const share = ({ name }) => {
    const own = wordsOf(name).map(lower);
    return own.filter((word) => said.has(word)).length / own.length;
  };
  const few = looked.filter(({ totalCount, nodes }) => totalCount <= nodes.length).flatMap(({ nodes }) => nodes);
  const most = Math.max(0.5, ...few.map(share));
  const best = few.filter((facility) => share(facility) === most && most > 0.5);
  if (best.length) return meant(best);
  const many = looked.find(({ pair, totalCount, nodes }) => totalCount > nodes.length && /\d/.test(words[words.indexOf(pair[1]) + 1] ?? ''));
  return many ? meant(many.nodes, many.totalCount, many.pair.join(' ')) : meant([]);
}

/** Two words that are written like a name: with a number in or after them, or both with a capital. */
function likeName([first, second, next]) {
  return /\d/.test(second) || /\d/.test(next) || (/^\p{Lu}/u.test(first) && /^\p{Lu}/u.test(second));
}

/** Two words that may be of a name which somebody typed in small letters. */
function bothLong([first, second]) {
  return first.length > LONGEST_SMALL_WORD && second.length > LONGEST_SMALL_WORD;
}

function wordsOf(text) {
  return text.match(/[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}&.'’-]*/gu)?.map((word) => word.replace(/[.'’-]+$/, '')) ?? [];
}

function lower(word) {
  return word.toLowerCase();
}
