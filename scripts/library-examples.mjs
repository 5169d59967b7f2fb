// Puts the examples of docs/examples/dimse into docs/library.md, behind the comment that names each; `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';

const page = 'docs/library.md';
const written = readFileSync(page, 'utf8');
const filled = written.replace(
  /<!-- example: ([a-z-]+\.ts) -->\n(?:```ts\n[\s\S]*?```\n)?/g,
  (_whole, name) =>
    `<!-- example: ${name} -->\n\`\`\`ts\n${readFileSync(`docs/examples/dimse/${name}`, 'utf8')}\`\`\`\n`,
);

if (!process.argv.includes('--check')) {
  writeFileSync(page, filled);
} else if (filled !== written) {
  console.error(`${page}: the examples are not those of docs/examples/dimse; run: node scripts/library-examples.mjs`);
  process.exit(1);
}
