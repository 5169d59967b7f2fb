// Draws the map of the rooms in README.md from the table that dependency-cruiser enforces; `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { rooms } from '../rooms.js';

const begin = '<!-- rooms:begin -->';
const end = '<!-- rooms:end -->';

const table = Object.entries(rooms)
  .map(([room, { what, imports }]) => `| \`${room}/\` | ${what} | ${imports.length ? imports.join(', ') : '–'} |`)
  .join('\n');
const edges = Object.entries(rooms)
  .flatMap(([room, { imports }]) => imports.map((other) => `  ${room} --> ${other}`))
  .join('\n');
const map = `${begin}
| room in \`src/\` | what lives there | may import, besides \`kernel\` |
|---|---|---|
${table}

\`\`\`mermaid
graph TD
${edges}
\`\`\`
${end}`;

const readme = readFileSync('README.md', 'utf8');
const start = readme.indexOf(begin);
const stop = readme.indexOf(end);
if (start < 0 || stop < start) throw new Error(`README.md has no ${begin} … ${end}`);
const drawn = readme.slice(0, start) + map + readme.slice(stop + end.length);

if (!process.argv.includes('--check')) {
  writeFileSync('README.md', drawn);
} else if (drawn !== readme) {
  console.error('README.md: the map of the rooms is not that of rooms.js; run: node scripts/draw-rooms.mjs');
  process.exit(1);
}
