import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import dictionary from 'dcmjs/dictionary';
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
      const source = new URL('../openapi/causeway.yaml', import.meta.url);
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

/** Keywords of the Standard by tag, for people who read data sets; a part of its own, as few pages need it. */
function dicomKeywords() {
  const id = 'virtual:dicom-keywords';
  return {
    name: 'dicom-keywords',
    resolveId: (wanted) => (wanted === id ? `\0${id}` : undefined),
    load(wanted) {
      if (wanted !== `\0${id}`) return undefined;
      const keywords = {};
      for (const [key, { name }] of Object.entries(dictionary)) {
        const [, group, element] =
          /^\(([0-9A-F]{4}|[0-9A-F]{2}xx|[0-9A-F]{2}00-[0-9A-F]{4}),([0-9A-F]{4})\)$/i.exec(key) ?? [];
        if (group === undefined || !name) continue;
        keywords[`${group.length > 4 ? `${group.slice(0, 2)}xx` : group}${element}`] = name.replace(/^RETIRED_/, '');
      }
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(keywords))})`;
    },
  };
}

/** Built by scripts/page.mjs, which says where to. */
export default defineConfig({
  root: join(import.meta.dirname, '../src/ui'),
  base: './',
  plugins: [react(), configurationSchema(), dicomKeywords()],
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
