import { defineConfig } from 'vite';

/** The editor parts this page needs; the full set of Monaco adds diff views, colour pickers and more. */
const EDITOR_PARTS = [
  'vs/editor/browser/coreCommands.js',
  'vs/editor/browser/widget/codeEditor/codeEditorWidget.js',
  ...[
    'bracketMatching/browser/bracketMatching',
    'caretOperations/browser/caretOperations',
    'clipboard/browser/clipboard',
    'comment/browser/comment',
    'contextmenu/browser/contextmenu',
    'cursorUndo/browser/cursorUndo',
    'find/browser/findController',
    'folding/browser/folding',
    'format/browser/formatActions',
    'gotoError/browser/gotoError',
    'hover/browser/hoverContribution',
    'indentation/browser/indentation',
    'linesOperations/browser/linesOperations',
    'links/browser/links',
    'longLinesHelper/browser/longLinesHelper',
    'multicursor/browser/multicursor',
    'parameterHints/browser/parameterHints',
    'smartSelect/browser/smartSelect',
    'snippet/browser/snippetController2',
    'suggest/browser/suggestController',
    'tokenization/browser/tokenization',
    'wordHighlighter/browser/wordHighlighter',
    'wordOperations/browser/wordOperations',
    'readOnlyMessage/browser/contribution',
  ].map((part) => `vs/editor/contrib/${part}.js`),
  'vs/editor/common/standaloneStrings.js',
  'vs/base/browser/ui/codicons/codiconStyles.js',
  'vs/basic-languages/graphql/graphql.contribution.js',
  'vs/language/json/monaco.contribution.js',
];

const ALL_OF_MONACO = /monaco-graphql\/esm\/monaco-editor\.js$/;

const PRETTIER_FOR_JSON = /const \[prettier,[\s\S]*?printWidth: 0\s*\}\);/g;

/** Changes to GraphiQL for which it has no option: [file, old text or pattern, new text]. */
const CHANGES = [
  // A tab is named by its first line, when that is a comment, and only then by its operation.
  [/@graphiql\/react\/dist\/utility\/tabs\.js$/, 'title: operationName ||', 'title: titleOf(query) || operationName ||'],
  [/@graphiql\/react\/dist\/utility\/tabs\.js$/, 'title: newTab.operationName ||', 'title: titleOf(newTab.query) || newTab.operationName ||'],
  [/@graphiql\/react\/dist\/utility\/tabs\.js$/, '"use no memo";', 'const titleOf = (query) => /^#\\s*(\\S.*)/.exec(query ?? "")?.[1].trim();'],
  // Variables are formatted by the small parser that is loaded anyway, not by the whole of Prettier.
  [/@graphiql\/react\/dist\/utility\/jsonc\.js$/, 'import { parse, printParseErrorCode }', 'import { applyEdits, format, parse, printParseErrorCode }'],
  [/@graphiql\/react\/dist\/utility\/jsonc\.js$/, PRETTIER_FOR_JSON, 'return applyEdits(content, format(content, undefined, { tabSize: 2, insertSpaces: true }));'],
  [/@graphiql\/react\/dist\/constants\.js$/, 'import("prettier/parser-graphql")', 'import("prettier/plugins/graphql")'],
  // A tab without headers of its own takes those in the editor, so that a token is typed once, not once per tab.
  [/@graphiql\/react\/dist\/stores\/editor\.js$/, 'headerEditor?.setValue(headers ?? defaultHeaders ?? "");', 'if (headers != null) headerEditor?.setValue(headers);'],
  [/@graphiql\/react\/dist\/stores\/editor\.js$/, 'createTab({ headers: defaultHeaders })', 'createTab()'],
];

function adaptGraphiQL() {
  const done = new Set();
  return {
    name: 'adapt-graphiql',
    load(id) {
      if (!ALL_OF_MONACO.test(id)) return null;
      const parts = EDITOR_PARTS.map((part) => `import 'monaco-editor/esm/${part}';`);
      return [...parts, "export * from 'monaco-editor/esm/vs/editor/editor.api.js';"].join('\n');
    },
    transform(code, id) {
      const changes = CHANGES.filter(([file]) => file.test(id));
      if (!changes.length) return null;
      let result = code;
      for (const change of changes) {
        const [, before, after] = change;
        const changed = result.replaceAll(before, () => after);
        if (changed === result) this.error(`${id} no longer has: ${before}`);
        result = changed;
        done.add(change);
      }
      return { code: result, map: null };
    },
    buildEnd(error) {
      const missed = CHANGES.filter((change) => !done.has(change)).map(([file]) => `${file}`);
      if (!error && missed.length) this.error(`GraphiQL moved its files, see CHANGES: ${missed.join(', ')}`);
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [adaptGraphiQL()],
  worker: { format: 'es' },
  build: {
    outDir: '../graphql_schema/static/graphiql',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 4000,
    manifest: 'manifest.json',
    license: { fileName: 'LICENSES.md' },
    rolldownOptions: {
      input: 'src/main.js',
      // Server-side markers of the packages ("use client") mean nothing here.
      onLog: (level, log, report) => log.code === 'MODULE_LEVEL_DIRECTIVE' || report(level, log),
    },
  },
});
