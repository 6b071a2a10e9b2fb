import './workers.js';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import '@graphiql/plugin-explorer/style.css';
import 'graphiql/graphiql.css';
import './page.css';

import { createElement as h } from 'react';
import { createRoot } from 'react-dom/client';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { storage, storedTab } from './storage.js';

const container = document.getElementById('graphiql');
const config = JSON.parse(container.dataset.config);

const url = new URL(config.endpoint, location.href);
const subscriptionUrl = new URL(url);
subscriptionUrl.protocol = url.protocol.replace('http', 'ws');

const fetchGraphQL = createGraphiQLFetcher({
  url: url.href,
  subscriptionUrl: subscriptionUrl.href,
  enableIncrementalDelivery: false,
});

/** The header editor starts with a bare "Bearer": until a token is added, the caller is anonymous. */
function withoutEmptyToken(headers = {}) {
  return Object.fromEntries(
    Object.entries(headers).filter(([, value]) => !/^\s*(bearer)?\s*$/i.test(value)),
  );
}

// The toolkit sends the same headers as connection parameters of a subscription's WebSocket.
const fetcher = (request, options = {}) =>
  fetchGraphQL(request, { ...options, headers: withoutEmptyToken(options.headers) });

/** What a link to this page brings along, after #; never headers. */
function linkedTab() {
  const linked = new URLSearchParams(location.hash.slice(1));
  return linked.has('query')
    ? { query: linked.get('query'), variables: linked.get('variables') ?? '' }
    : undefined;
}

const linked = linkedTab();
const tab = linked ?? storedTab() ?? config.tabs[0] ?? {};
const tabs = linked ? [linked, ...config.tabs] : config.tabs;

document.getElementById('copy-link')?.addEventListener('click', async ({ target }) => {
  const query = storage.getItem('graphiql:query') ?? tab.query;
  const variables = storage.getItem('graphiql:variables') ?? tab.variables;
  const shown = new URLSearchParams({ query: query ?? '', ...(variables && { variables }) });
  const link = new URL(location.href);
  link.searchParams.delete('trial'); // it stands for a token
  link.hash = shown;
  try {
    await navigator.clipboard.writeText(link.href);
    target.textContent = 'Copied';
  } catch {
    history.replaceState(null, '', link); // where the browser refuses, it is in the address bar
    target.textContent = 'See the address';
  }
});

createRoot(container).render(
  h(
    GraphiQL,
    {
      fetcher,
      storage,
      plugins: [HISTORY_PLUGIN, explorerPlugin()],
      defaultTabs: tabs.length ? tabs : undefined,
      // GraphiQL restores tabs by comparing the active one with these two.
      initialQuery: tab.query ?? undefined,
      initialVariables: tab.variables ?? undefined,
      defaultHeaders: config.defaultHeaders,
      shouldPersistHeaders: false,
      inputValueDeprecation: true,
      schemaDescription: true,
    },
    h(GraphiQL.Logo, null, ''), // the page has a header of its own
  ),
);
