import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPart10, ctElements, element, pixelElements } from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** Values that the Standard forbids and devices send all the same; each under keys that the index holds in columns. */
const oddValues: readonly [what: string, value: string][] = [
  ['a NUL in the middle', 'AB\0CD'],
  ['10,000 letters', 'x'.repeat(10_000)],
  [
    '10,000 different letters',
    Array.from({ length: 10_000 }, (_, at) => String.fromCharCode(33 + ((at * 7919) % 90))).join(''),
  ],
  ['1,000 values', Array.from({ length: 1000 }, (_, at) => `v${at}`).join('\\')],
  ['control characters', '\u0001\u0002\u001b[31m'],
  ['nothing but blanks', '   '],
  ['a lone delimiter', '^^^=='],
  ['more than 32 bits can count', '3000000000'],
];

const keys: readonly [tag: string, vr: string][] = [
  ['00080020', 'DA'],
  ['00080030', 'TM'],
  ['00080050', 'SH'],
  ['00080061', 'CS'],
  ['00080090', 'PN'],
  ['00081030', 'LO'],
  ['0008103E', 'LO'],
  ['00100010', 'PN'],
  ['00100020', 'LO'],
  ['00100021', 'LO'],
  ['00100030', 'DA'],
  ['00180015', 'CS'],
  ['00200010', 'SH'],
  ['00200011', 'IS'],
  ['00200013', 'IS'],
  ['00280008', 'IS'],
];

describe('values that no device should send', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  let next = 1;
  it.each(oddValues.flatMap(([what, value]) => keys.map(([tag, vr]) => ({ what, value, tag, vr }))))(
    '$what in ($tag) does not keep an instance out, nor from being found and erased',
    async ({ value, tag, vr }) => {
      const study = `2.25.77.${next++}`;
      const uids = { study, series: `${study}.1`, instance: `${study}.1.1` };
      const base = ctElements(uids, ...pixelElements({ rows: 3, columns: 3 }));
      const elements = [...base.filter((one) => one.tag !== tag), element(tag, vr as 'LO', value)];
      const file = buildPart10({ elements: elements.sort((a, b) => (a.tag < b.tag ? -1 : 1)) });
      const answer = await stow(server.web, [file]);
      expect(answer.status, await answer.text()).toBeLessThan(300);
      const found = await fetch(`${server.web}/studies?StudyInstanceUID=${study}&includefield=all`);
      expect(await found.json()).toHaveLength(1);
      const metadata = await fetch(`${server.web}/studies/${study}/metadata`);
      expect(await metadata.json()).toHaveLength(1);
      expect((await fetch(`${server.web}/studies/${study}`, { method: 'DELETE' })).status).toBe(204);
    },
  );
});
