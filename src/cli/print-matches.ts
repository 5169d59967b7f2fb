import type { DicomJson, DicomJsonElement } from '../dicom/json-model.ts';
import { valueText } from '../dicom/json-writer.ts';
import type { AttributePath } from '../dicom/query.ts';
import type { RemoteMatch } from '../dimse/scu/find.ts';
import type { CommandContext } from './command.ts';
import { printTable } from './table.ts';

/** A column of a table of matches. */
export interface MatchColumn {
  readonly heading: string;
  readonly path: AttributePath;
}

export interface PrintMatchesOptions {
  readonly columns: readonly MatchColumn[];
  readonly limit: number;
  readonly json: boolean | undefined;
}

/** Prints what a peer answers, as a table or as DICOM JSON. @returns exit code: 0 if the peer has answered */
export async function printMatches(
  matches: AsyncIterable<RemoteMatch>,
  { columns, limit, json }: PrintMatchesOptions,
  { terminal, signal }: Pick<CommandContext, 'terminal' | 'signal'>,
): Promise<number> {
  const found: DicomJson[] = [];
  let complete = true;
  for await (const match of matches) {
    found.push(match.identifier);
    complete &&= match.complete;
    if (found.length === limit || signal.aborted) break;
  }
  if (json) terminal.print(JSON.stringify(found, undefined, 2));
  else {
    const rows = found.map((match) => columns.map(({ path }) => textAt(match, path)));
    printTable(
      terminal,
      columns.map(({ heading }) => heading),
      rows,
    );
  }
  if (!complete)
    terminal.complain('The peer did not look at every key: what it shows may be more than what was asked for.');
  return signal.aborted ? 1 : 0;
}

function textAt(dataSet: DicomJson, [tag, ...rest]: AttributePath): string {
  const element: DicomJsonElement | undefined = dataSet[tag];
  const [next, ...deeper] = rest;
  if (next === undefined) return (element?.Value ?? []).map(valueText).join('\\');
  return (element?.Value ?? []).map((item) => textAt((item ?? {}) as DicomJson, [next, ...deeper])).join('\\');
}
