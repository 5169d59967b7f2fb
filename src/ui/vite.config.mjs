import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { parse } from 'yaml';

/**
 * The schema of the configuration as the API has it, with all that it refers to: forms check by the same text as the server.
 */
function configurationSchema() {
  const id = 'virtual:configuration-schema';
  return {
    name: 'configuration-schema',
    resolveId: (wanted) => (wanted === id ? `\0${id}` : undefined),
    load(wanted) {
      if (wanted !== `\0${id}`) return undefined;
      const source = new URL('../../openapi/causeway.yaml', import.meta.url);
      this.addWatchFile(source.pathname);
      const { schemas } = parse(readFileSync(source, 'utf8')).components;
      const needed = {};
      const take = (name) => {
        if (name in needed || !(name in schemas)) return;
        needed[name] = schemas[name];
        for (const [, next] of JSON.stringify(schemas[name]).matchAll(/#\/components\/schemas\/(\w+)/g)) take(next);
      };
      for (const name of ['Configuration', 'PeerProperties', 'AeTitle']) take(name);
      return `export default ${JSON.stringify({ components: { schemas: needed } })}`;
    },
  };
}

/** Built by scripts/page.mjs, which says where to. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react(), configurationSchema()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      output: {
        // Names change with the content, in the form that the server knows to be immutable.
        hashCharacters: 'hex',
        entryFileNames: 'assets/[name].[hash:16].js',
        chunkFileNames: 'assets/[name].[hash:16].js',
        assetFileNames: 'assets/[name].[hash:16].[ext]',
      },
    },
  },
});
