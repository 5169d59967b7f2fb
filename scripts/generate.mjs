// Writes what is generated and committed: the types of the HTTP interface from its OpenAPI document.
// `--check` writes nothing and fails if the committed file is not what would be written.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTypescript, { astToString } from 'openapi-typescript';

const source = new URL('../openapi/causeway.yaml', import.meta.url);
const target = new URL('../src/http/openapi.gen.ts', import.meta.url);

const nodes = await openapiTypescript(source, { silent: true });
const text = `// Generated from openapi/causeway.yaml by \`npm run generate\`.\n\n${astToString(nodes)}`;

if (process.argv.includes('--check')) {
  const committed = await readFile(target, 'utf8').catch(() => '');
  if (committed !== text) {
    console.error('src/http/openapi.gen.ts is not what openapi/causeway.yaml says: run `npm run generate`.');
    process.exitCode = 1;
  }
} else {
  await writeFile(target, text);
}
