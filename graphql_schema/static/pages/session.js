/**
 * The token of this browser tab. It lies in session storage, which ends with the tab, and never in
 * an address.
 */
const KEY = 'knowledge-api:token';

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

function read() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
