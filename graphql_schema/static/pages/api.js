/** The public GraphQL API, as the pages use it: nothing here is known to them alone. */

const ENDPOINT = new URL('../../graphql', import.meta.url);
const RESPONSE = 'application/graphql-response+json, application/json;q=0.9';

/** An answer that is no answer. `code` is that of the API, or UNREACHABLE without any answer. */
export class ApiError extends Error {
  constructor(code, message, retryAfter = null) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The text of a document that lies beside the pages, such as home.graphql. */
export async function load(name) {
  try {
    const answer = await fetch(new URL(name, import.meta.url));
    if (answer.ok) return await answer.text();
  } catch { /* said below */ }
  throw new ApiError('UNREACHABLE', 'The server does not answer.');
}

/** Runs one operation and returns its data; ApiError for whatever else comes. */
export async function ask(query, variables = {}, { operation = null, token = null, signal } = {}) {
  const answer = await send(query, variables, operation, token, RESPONSE, signal);
  const body = await json(answer);
  const [error] = body.errors ?? [];
  if (error) throw errorOf(error);
  return body.data;
}

/**
 * Follows a subscription until `signal` stops it: `onNext` gets the data of each event.
 *
 * `variables` is asked before each connection, so that it can name the last cursor: whatever came
 * while there was none is then sent first. `onState` is given 'connected' or 'away'. It ends with
 * an ApiError when the server says that it is over, as for a token that has ended. A page that is
 * not looked at gives its connection up, once it has a cursor: a browser has six for all its tabs,
 * and one more tab would not even load.
 */
export async function follow(query, { operation = null, token, variables, onNext, onState, signal }) {
  for (let pause = 1_000; ; pause = Math.min(pause * 2, 30_000)) {
    const connection = new AbortController();
    let told = false;
    const giveUp = () => { if (left || (told && document.hidden)) connection.abort(); };
    for (const name of LOOKS) addEventListener(name, giveUp, { signal: connection.signal });
    try {
      const answer = await send(query, variables(), operation, token, 'text/event-stream', AbortSignal.any([signal, connection.signal]));
      if (!(answer.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
        const [error] = (await json(answer)).errors ?? [];
        throw errorOf(error ?? { message: 'The server does not send events.' });
      }
      onState('connected');
      for await (const { event, data } of eventsOf(answer.body)) {
        pause = 500;
        if (event !== 'next') continue;
        const body = JSON.parse(data);
        if (body.errors?.length) throw errorOf(body.errors[0]);
        onNext(body.data);
        told = true;
        giveUp();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && !passes(error)) throw error;
    }
    if (connection.signal.aborted) {
      await lookedAt(signal);
    } else {
      connection.abort();
      onState('away');
      await sleep(pause * (0.75 + Math.random() / 2), signal);
    }
    if (signal.aborted) return;
  }
}

const LOOKS = ['visibilitychange', 'pagehide', 'pageshow'];
/** Whether the page was left, and is kept by the browser for the way back. */
let left = false;
addEventListener('pagehide', () => { left = true; });
addEventListener('pageshow', () => { left = false; });

/** Whether it may be otherwise in a while, without anybody's doing. */
export function passes({ code }) {
  return PASSING.has(code);
}

const PASSING = new Set(['UNREACHABLE', 'STORAGE_UNAVAILABLE', 'RATE_LIMITED', 'TIMEOUT']);

async function send(query, variables, operationName, token, accept, signal) {
  const headers = { 'Content-Type': 'application/json', Accept: accept };
  if (token) headers.Authorization = `Bearer ${token}`;
  const body = JSON.stringify({ query, variables, ...(operationName && { operationName }) });
  try {
    return await fetch(ENDPOINT, { method: 'POST', headers, body, signal, cache: 'no-store', credentials: 'omit' });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError('UNREACHABLE', 'The server does not answer.');
  }
}

async function json(answer) {
  try {
    return await answer.json();
  } catch {
    throw new ApiError('UNREACHABLE', `The server answered with status ${answer.status}.`);
  }
}

function errorOf({ message, extensions = {} }) {
  return new ApiError(extensions.code ?? 'UNKNOWN', message, extensions.retryAfter);
}

async function* eventsOf(body) {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).replaceAll('\r\n', '\n').split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = { event: 'message', data: [] };
      for (const line of block.split('\n')) {
        const [, name, value] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
        if (name === 'data') fields.data.push(value);
        else if (name === 'event') fields.event = value;
      }
      yield { event: fields.event, data: fields.data.join('\n') };
    }
  }
}

/** Waits until the page is looked at. */
function lookedAt(signal) {
  return new Promise((resolve) => {
    const waiting = new AbortController();
    const look = () => {
      if (!signal.aborted && (left || document.hidden)) return;
      waiting.abort();
      resolve();
    };
    for (const name of LOOKS) addEventListener(name, look, { signal: waiting.signal });
    signal.addEventListener('abort', look, { signal: waiting.signal });
    look();
  });
}

/** Waits, at the longest until the browser is online again. */
function sleep(milliseconds, signal) {
  return new Promise((resolve) => {
    const waiting = new AbortController();
    const end = () => {
      clearTimeout(timer);
      waiting.abort();
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    addEventListener('online', end, { signal: waiting.signal });
    signal.addEventListener('abort', end, { signal: waiting.signal });
  });
}
