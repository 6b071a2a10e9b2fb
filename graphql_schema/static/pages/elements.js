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

/** A button that does something. */
export function button(text, onClick, properties = {}) {
  const made = element('button', { type: 'button', ...properties }, text);
  made.addEventListener('click', onClick);
  return made;
}
