/**
 * Markdown as elements. The texts of the API use headings, lists, tables, emphasis, code and links.
 * Whatever else a text holds, HTML too, is shown as the text it is, so nothing in it can run.
 */

const LINKS = new Set(['http:', 'https:', 'mailto:']);

/** The elements of a text; headings begin at this level. */
export function markdown(text, level = 3) {
  const shown = document.createDocumentFragment();
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  while (lines.length) {
    if (!lines[0].trim()) lines.shift();
    else shown.append(block(lines, level));
  }
  return shown;
}

function block(lines, level) {
  const heading = /^(#{1,6}) +(.*)$/.exec(lines[0]);
  if (heading) {
    lines.shift();
    return inline(`h${Math.min(6, level)}`, heading[2]);
  }
  if (itemOf(lines[0])) return list(lines, level);
  if (lines[0].startsWith('|') && /^\|[\s:|-]+\|$/.test(lines[1]?.trim() ?? '')) return table(lines);
  const parts = [];
  do parts.push(lines.shift());
  while (lines[0]?.trim() && !itemOf(lines[0]) && !/^#{1,6} /.test(lines[0]));
  return inline('p', parts.join(' '));
}

function itemOf(line) {
  return /^( *)([-*]|\d+\.) +(.*)$/.exec(line ?? '');
}

function list(lines, level) {
  const [, indent, mark] = itemOf(lines[0]);
  const made = document.createElement(/\d/.test(mark) ? 'ol' : 'ul');
  for (let item; (item = itemOf(lines[0])) && item[1].length >= indent.length;) {
    if (item[1].length > indent.length) {
      made.lastElementChild.append(list(lines, level));
    } else {
      lines.shift();
      let text = item[3];
      while (/^ +\S/.test(lines[0] ?? '') && !itemOf(lines[0])) text += ` ${lines.shift().trim()}`;
      made.append(inline('li', text));
    }
    if (!lines[0]?.trim() && itemOf(lines[1]) && /\d/.test(itemOf(lines[1])[2]) === (made.localName === 'ol')) lines.shift();
  }
  return made;
}

function table(lines) {
  const cells = () => lines.shift().trim().replace(/^\||\|$/g, '').split('|').map((cell) => cell.trim());
  const made = document.createElement('table');
  const head = made.createTHead().insertRow();
  for (const name of cells()) {
    const cell = inline('th', name);
    cell.scope = 'col';
    head.append(cell);
  }
  lines.shift();
  const body = made.createTBody();
  while (lines[0]?.startsWith('|')) {
    const row = body.insertRow();
    row.append(...cells().map((cell) => inline('td', cell)));
  }
  return made;
}

const INLINE = /\*\*(.+?)\*\*|\*(\S(?:.*?\S)?)\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/;

function inline(name, text) {
  const made = document.createElement(name);
  for (let rest = text; rest;) {
    const found = INLINE.exec(rest);
    if (!found) {
      made.append(rest);
      break;
    }
    made.append(rest.slice(0, found.index));
    const [all, strong, emphasis, code, label, address] = found;
    if (strong) made.append(inline('strong', strong));
    else if (emphasis) made.append(inline('em', emphasis));
    else if (code) made.append(Object.assign(document.createElement('code'), { textContent: code }));
    else made.append(link(label, address) ?? all);
    rest = rest.slice(found.index + all.length);
  }
  return made;
}

/** A link, or null where its address is none that a reader should follow. */
export function link(label, address) {
  if (!URL.canParse(address) || !LINKS.has(new URL(address).protocol)) return null;
  const made = Object.assign(document.createElement('a'), { href: address, textContent: label });
  made.rel = 'noopener noreferrer';
  made.target = '_blank';
  return made;
}
