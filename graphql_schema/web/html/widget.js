// The one script of a page that shows the chat: <script src="https://…/widget.js" defer></script>.
// It works as a classic script and as a module, and brings the rest from where it came itself.
(() => {
  const script = document.currentScript
    ?? [...document.scripts].findLast((each) => /\/widget\.js(\?|$)/.test(each.src));
  import(new URL('static/pages/widget.js', script.src)).then((widget) => widget.start(script.dataset));
})();
