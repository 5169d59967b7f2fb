// Writes docs/configuration.md from the table of settings; a unit test fails when it is stale.
import { writeFileSync } from 'node:fs';
import { describeSettings } from '../src/config.ts';

export function configurationReference(): string {
  const rows = describeSettings().map(({ name, env, allowed, default: value, about }) => {
    const shown = value === undefined ? 'not set' : Array.isArray(value) ? value.join(',') || 'empty' : String(value);
    return `| \`${env}\` | \`${name}\` | ${shown === 'not set' || shown === 'empty' ? shown : `\`${shown}\``} | ${allowed} | ${about} |`;
  });
  return `# Settings

Defaults, then \`causeway.config.json\` in the working directory (or the file that \`CAUSEWAY_CONFIG\` names), then the environment.
A setting that does not exist or has a value that is not allowed stops the start and says so.

| environment | in the file | default | allowed | what it does |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

if (process.argv.includes('--write')) writeFileSync('docs/configuration.md', configurationReference());
