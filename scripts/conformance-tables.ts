// Writes the tables of docs/conformance-statement.md from those that the code goes by; `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { type StorageSopClass, storageSopClasses } from '../src/dicom/storage-sop-classes.ts';
import { type TransferSyntax, transferSyntaxes } from '../src/dicom/transfer-syntaxes.ts';
import { producibleSyntaxes } from '../src/retrieve/convert-instance.ts';
import { type SearchKey, searchKeys } from '../src/search/search-keys.ts';

const statement = 'docs/conformance-statement.md';

const tables = {
  'transfer-syntaxes': table(
    ['UID', 'transfer syntax', 'also returned in'],
    transferSyntaxes.map((syntax) => [syntax.uid, nameOf(syntax), producibleFrom(syntax) || '–']),
  ),
  'storage-sop-classes': table(
    ['UID', 'SOP class'],
    storageSopClasses.map((sopClass) => [sopClass.uid, nameOf(sopClass)]),
  ),
  'search-keys': table(
    ['level', 'tag', 'attribute', 'VR', 'matched in its items'],
    searchKeys.map((key) => [key.level, tagOf(key), key.keyword, key.vr, itemsOf(key) || '–']),
  ),
};

function nameOf({ name, retired }: TransferSyntax | StorageSopClass): string {
  return retired ? `${name} (retired)` : name;
}

function producibleFrom({ uid }: TransferSyntax): string {
  return producibleSyntaxes({ transferSyntaxUid: uid }).join(', ');
}

function tagOf({ tag }: SearchKey): string {
  return `(${tag.slice(0, 4)},${tag.slice(4)})`;
}

function itemsOf({ items = [] }: SearchKey): string {
  return items.map(({ keyword }) => keyword).join(', ');
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), `|${heads.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

const committed = readFileSync(statement, 'utf8');
const written = Object.entries(tables).reduce((text, [name, rows]) => {
  const begin = `<!-- ${name}:begin -->`;
  const start = text.indexOf(begin);
  const stop = text.indexOf(`<!-- ${name}:end -->`);
  if (start < 0 || stop < start) throw new Error(`${statement} has no ${begin} … <!-- ${name}:end -->`);
  return `${text.slice(0, start)}${begin}\n${rows}\n${text.slice(stop)}`;
}, committed);

if (!process.argv.includes('--check')) {
  writeFileSync(statement, written);
} else if (written !== committed) {
  console.error(`${statement}: a table is not what the code goes by; run: npm run generate`);
  process.exitCode = 1;
}
