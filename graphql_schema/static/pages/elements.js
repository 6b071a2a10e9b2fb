/** Makes elements from text. No text becomes HTML. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== ''));
  return made;
}

/**
 * Makes a change that may replace what has the focus. Then the element with the same `data-key` has
 * it, else the one that `otherwise` gives.
 */
export function keepingFocus(otherwise, change) {
  const had = document.activeElement;
  change();
  if (had.isConnected && !had.disabled) return;
  const { key } = had.dataset;
  const same = key && document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  (same || otherwise()).focus();
}

/** A button that does something. */
export function button(text, onClick, properties = {}) {
  const made = element('button', { type: 'button', ...properties }, text);
  made.addEventListener('click', onClick);
  return made;
}
