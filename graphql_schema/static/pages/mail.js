/** Markdown for an e-mail: as plain text, or rich for programs that take that. */
import { markdown } from './markdown.js';

/** Puts a text in Markdown on the clipboard, rich and plain. */
export async function copyRich(text, locale) {
  const rich = document.createElement('div');
  rich.lang = locale;
  rich.append(markdown(text));
  const html = new XMLSerializer().serializeToString(rich);
  await navigator.clipboard.write([new ClipboardItem({
    'text/html': new Blob([html], { type: 'text/html' }),
    'text/plain': new Blob([plainOf(text)], { type: 'text/plain' }),
  })]);
}

/** Markdown as it reads in a plain e-mail: without marks, links with their address. */
export function plainOf(text) {
  return text
    .replace(/^#{1,6} +(.*)$/gm, (_, title) => `${title}\n${'-'.repeat(title.length)}`)
    .replace(/\*\*(.+?)\*\*/g, '$1')
    .replace(/(^|\s)\*(\S.*?)\*(?=\s|$)/gm, '$1$2')
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, '$1 ($2)');
}
