/** The look of the chat; a sheet of its own, which no policy on inline styles can keep out. */
export const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host {
  /* What is important here wins over whatever the page says of the element. */
  all: initial !important;
  display: block !important;
  visibility: visible !important;
  opacity: 1 !important;
  --ink: light-dark(#16222a, #e8eef0);
  --soft: light-dark(#4c5b63, #a5b4ba);
  --paper: light-dark(#ffffff, #192125);
  --sunken: light-dark(#eef1ef, #0f1518);
  --line: light-dark(#7d8a8c, #71838a);
  --accent: light-dark(#0b5c7a, #6fc3e2);
  --on-accent: light-dark(#ffffff, #06222e);
  --wash: light-dark(#e3eff4, #16323d);
  color-scheme: light dark !important;
  position: fixed !important;
  right: 16px !important;
  bottom: 16px !important;
  z-index: 2147483000 !important;
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans Bengali', sans-serif !important;
  color: var(--ink) !important;
}
:host([data-scheme='light']) { color-scheme: light !important; }
:host([data-scheme='dark']) { color-scheme: dark !important; }
:host([data-inline]) { position: static !important; }
[hidden] { display: none !important; }
* { box-sizing: border-box; }
button, input, select { font: inherit; color: inherit; }
button {
  min-height: 44px; padding: 6px 14px; border: 1px solid var(--line); border-radius: 8px;
  background: var(--paper); cursor: pointer;
}
button:hover { background: var(--sunken); }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.open { border-radius: 99px; padding: 10px 20px; box-shadow: 0 4px 16px rgb(0 0 0 / 25%); }
.panel {
  display: flex; flex-direction: column; width: min(400px, calc(100vw - 32px)); height: min(600px, calc(100dvh - 32px));
  background: var(--paper); border: 1px solid var(--line); border-radius: 12px; overflow: hidden;
  box-shadow: 0 8px 32px rgb(0 0 0 / 30%);
}
:host([data-inline]) .panel { width: 100%; box-shadow: none; }
@media (max-width: 480px) {
  :host(:not([data-inline])) .panel { position: fixed; inset: 0; width: auto; height: 100dvh; border: 0; border-radius: 0; }
}
header { display: flex; align-items: center; gap: 8px; padding: 8px 8px 8px 16px; border-bottom: 1px solid var(--line); }
h2 { flex: 1; margin: 0; font-size: 16px; line-height: 1.3; }
select { min-height: 44px; max-width: 9em; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
.log { flex: 1; overflow-y: auto; padding: 12px 16px; overflow-wrap: anywhere; }
.log p, .log ul, .log ol { margin: 0 0 8px; }
.turn { margin: 0 0 12px; }
.turn.user { margin-inline-start: 40px; padding: 8px 12px; background: var(--wash); border-radius: 12px 12px 0 12px; }
.who { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.buttons { display: grid; gap: 6px; margin: 4px 0 8px; }
.buttons button { text-align: start; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; color: var(--soft); font-size: 14px; }
.handover { padding: 8px 12px; border-inline-start: 4px solid var(--accent); background: var(--sunken); }
details { margin: 4px 0 8px; font-size: 14px; color: var(--soft); }
summary { cursor: pointer; padding: 6px 0; }
a { color: var(--accent); }
.status { min-height: 1.5em; padding: 0 16px; color: var(--soft); font-size: 14px; }
form { display: flex; gap: 8px; padding: 8px; border-top: 1px solid var(--line); }
input { flex: 1; min-width: 0; min-height: 44px; padding: 6px 12px; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
`);
