/** What is shown, for an e-mail: as plain text, or rich for programs that take that. */
export async function copyRich(shown, plain) {
  const copy = shown.cloneNode(true);
  for (const part of copy.querySelectorAll('button, details, .no-print')) part.remove();
  const html = new XMLSerializer().serializeToString(copy);
  await navigator.clipboard.write([new ClipboardItem({
    'text/html': new Blob([html], { type: 'text/html' }),
    'text/plain': new Blob([plain], { type: 'text/plain' }),
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
