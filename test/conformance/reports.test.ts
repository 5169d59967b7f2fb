import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { hasSharedFiles, sharedFiles } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

const reports = sharedFiles().filter(
  ({ sopClassName, storable }) => storable && /\bSR\b|Structured Report|Key Object/.test(sopClassName),
);

/** Words that are dsr2html's own and not the document's. */
const theirWords = new Set(
  (
    'Patient Study Series Manufacturer Preliminary Flag Completion Verification Content Date Time Referring Physician ' +
    'Predecessor Docs Verifying Observers Institution Accession Number Concept Modifier Observation Context Acquisition ' +
    'Properties Inferred from Selected Annex Footnote by-reference Item observed Document This page was generated a DICOM ' +
    'Structured Reporting document OFFIS DCMTK [ ] - Image'
  ).split(' '),
);

/** Words of what a page shows, numbers by what they are (10.000 is 10), times to the second. Of links DCMTK shows its own names of SOP Classes. */
function wordsOf(page: string): string[] {
  return page
    .replace(/^[\s\S]*<body>/, '')
    .replace(/<small><sup>.*?<\/sup><\/small>/g, ' ')
    .replace(/<a name="(?:annex|footnote)[\s\S]*?<\/a>/g, ' ')
    .replace(/<a href="http[\s\S]*?<\/a>/g, ' ')
    .replace(/<hr>\s*<div class="footnote">[\s\S]*$/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/(\d\d:\d\d:\d\d)\.\d+/g, '$1')
    .split(/[\s,()"=:#*/]+/)
    .filter((word) => word !== '')
    .map((word) => (/^-?\d+\.?\d*$/.test(word) ? String(Number(word)) : word.toLowerCase()));
}

const missing = [
  ...(hasSharedFiles ? [] : ['the shared DICOM files']),
  ...(hasProgram('dsr2html') ? [] : ['dsr2html of DCMTK']),
];

describe.skipIf(missing.length > 0)(
  `structured reports beside DCMTK (needs ${missing.join(', ') || 'nothing more'})`,
  () => {
    it('has more than a handful of real ones', () => {
      expect(reports.length).toBeGreaterThanOrEqual(5);
    });

    it.each(reports.map((file) => [file.name, file] as const))(
      '%s shows every word that dsr2html shows',
      async (_, file) => {
        expect((await stow(server.web, [readFileSync(file.path)])).status).toBe(200);
        const { studyInstanceUid: study, seriesInstanceUid: series, sopInstanceUid: instance } = file;
        const response = await fetch(`${server.web}/studies/${study}/series/${series}/instances/${instance}/rendered`);
        expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
        const ours = new Set(wordsOf(await response.text()));
        const { code, output } = await runProgram('dsr2html', ['-q', '-Ee', '-Er', '-Ev', '+U8', file.path]);
        expect(code, output).toBe(0);
        const own = new Set([...theirWords].map((word) => word.toLowerCase()));
        const theirs = wordsOf(output).filter((word) => !own.has(word));
        expect(theirs.length).toBeGreaterThan(10);
        expect(theirs.filter((word) => !ours.has(word))).toEqual([]);
      },
    );
  },
);
