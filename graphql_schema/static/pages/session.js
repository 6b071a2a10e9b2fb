/**
 * The token of this browser tab, and the dialog that asks for it. It lies in session storage, which
 * ends with the tab, and never in an address.
 */
import { t } from './texts.js';

const KEY = 'knowledge-api:token';
const [dialog, why, field] = ['#sign-in', '#sign-in-why', '#token'].map((name) => document.querySelector(name));

let token = read();

/** The token, or null. */
export function currentToken() {
  return token;
}

/** Keeps a token for this tab; null signs out. */
export function keepToken(wanted) {
  token = wanted || null;
  try {
    if (token) sessionStorage.setItem(KEY, token);
    else sessionStorage.removeItem(KEY);
  } catch { /* without storage it lives in memory */ }
}

/** Asks for a token, and says why. */
export function signIn(reason = '') {
  explain(reason);
  field.value = '';
  if (!dialog.open) dialog.showModal();
}

/** Calls `then` whenever the dialog is closed, with whether a token was given, which is kept. */
export function onSignIn(then) {
  let given = '';
  dialog.addEventListener('submit', (event) => {
    given = event.submitter.value === 'in' ? field.value.trim().replace(/^Bearer\s+/i, '') : '';
    if (/^[!-~]*$/.test(given)) return;
    event.preventDefault(); // no header can carry it
    given = '';
    explain(t('This token is not valid.'));
  });
  dialog.addEventListener('close', () => {
    const isGiven = given !== '';
    if (isGiven) keepToken(given);
    given = field.value = '';
    then(isGiven);
  });
}

function explain(reason) {
  why.textContent = reason;
  why.hidden = !reason;
}

function read() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
