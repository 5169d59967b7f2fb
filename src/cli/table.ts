import { printable, type Terminal } from './terminal.ts';

/** As long as a UID can be: who finds a study wants to name it. */
const maxColumn = 64;

/** Prints rows in columns as wide as what stands in them; what is longer than 64 characters is cut off. */
export function printTable(
  terminal: Terminal,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const cells = rows.map((row) => row.map((cell) => short(printable(cell))));
  const widths = headings.map((heading, at) =>
    Math.max(heading.length, ...cells.map((row) => [...(row[at] ?? '')].length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => cell + ' '.repeat(Math.max(0, (widths[at] ?? 0) - [...cell].length)))
      .join('  ')
      .trimEnd();
  terminal.print(line(headings));
  terminal.print(line(widths.map((width) => '-'.repeat(width))));
  for (const row of cells) terminal.print(line(row));
}

function short(cell: string): string {
  const characters = [...cell];
  return characters.length > maxColumn ? `${characters.slice(0, maxColumn - 1).join('')}…` : cell;
}
