/** Imports modules of the page that ask at once where they live, as they would be told in a browser. */
export async function pageModules<Modules>(load: () => Promise<Modules>): Promise<Modules> {
  const place = { baseURI: 'http://localhost:8080/', querySelector: () => null, addEventListener: () => {} };
  Object.assign(globalThis, { document: (globalThis as { document?: unknown }).document ?? place });
  return load();
}
