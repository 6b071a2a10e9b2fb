// Own names in localStorage: another GraphiQL on the same host and port must not bring its tabs here.
// Each group of examples has tabs of its own.
const { group } = JSON.parse(document.getElementById('graphiql').dataset.config);
const PREFIX = group ? `knowledge-api:${group}:` : 'knowledge-api:';

const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));

export const storage = {
  getItem: (key) => localStorage.getItem(PREFIX + key),
  setItem: (key, value) => localStorage.setItem(PREFIX + key, value),
  removeItem: (key) => localStorage.removeItem(PREFIX + key),
  clear: () => keys().forEach((key) => localStorage.removeItem(key)),
  get length() {
    return keys().length;
  },
};

/** The tab that was open at the last visit, or undefined on the first one. */
export function storedTab() {
  try {
    const state = JSON.parse(storage.getItem('graphiql:tabState'));
    return state.tabs[state.activeTabIndex];
  } catch {
    return undefined;
  }
}
