import { expect, it } from 'vitest';
import { exportTargets } from '../../../src/cli/export-targets.ts';
import { instancesOf } from '../../../src/cli/exported-files.ts';
import { parseKeys } from '../../../src/cli/query-keys.ts';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import type { Retrieve, Target } from '../../../src/retrieve/retrieve.ts';

type Instance = Parameters<Retrieve['file']>[0];

it('instances that are selected are read series by series, whatever of them is deleted meanwhile', async () => {
  const match = (series: string, instance: string): DicomJson => ({
    '0020000D': { vr: 'UI', Value: ['1'] },
    '0020000E': { vr: 'UI', Value: [series] },
    '00080018': { vr: 'UI', Value: [instance] },
  });
  const search = {
    async *findAll() {
      yield { matches: [match('1.1', 'a'), match('1.2', 'b'), match('1.1', 'c')], warnings: [] };
      yield { matches: [match('1.1', 'gone'), match('1.3', 'd')], warnings: [] };
    },
  };
  const targets = await exportTargets(search, parseKeys(['InstanceNumber=1']));
  const asked: (string | undefined)[] = [];
  const stored: Readonly<Record<string, readonly string[]>> = { '1.1': ['a', 'other', 'c'], '1.3': ['d'] };
  const retrieve = {
    async *instances({ seriesInstanceUid = '' }: Target) {
      asked.push(seriesInstanceUid);
      if (stored[seriesInstanceUid] === undefined) throw new CausewayError('gone', 'It was deleted.');
      for (const sopInstanceUid of stored[seriesInstanceUid]) yield { sopInstanceUid } as Instance;
    },
  };
  const read: string[] = [];
  for await (const { sopInstanceUid } of instancesOf(retrieve, targets)) read.push(sopInstanceUid);
  expect(read).toEqual(['a', 'c', 'd']);
  expect(asked).toEqual(['1.1', '1.2', '1.3']);
});
