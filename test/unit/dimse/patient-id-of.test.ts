import { expect, it } from 'vitest';
import { readIdentifier } from '../../../src/dicom/identifier.ts';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { textValues } from '../../../src/dicom/match-values.ts';
import { listInstances } from '../../../src/dimse/scu/list-instances.ts';
import { withPatientId } from '../../../src/dimse/scu/patient-id-of.ts';
import type { Peer } from '../../../src/dimse/service.ts';

const explicitVr = '1.2.840.10008.1.2.1';
const context = { id: 1, abstractSyntaxUid: '1.2.840.10008.5.1.4.1.2.1.1', transferSyntaxUid: explicitVr };

/** An archive that knows the patient root only, and answers nothing below the patient that names none. */
function patientRootArchive() {
  const asked: string[] = [];
  const peer: Pick<Peer, 'request' | 'contexts'> = {
    contexts: [context],
    async request(_id, _command, { dataSet, onPending }) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of dataSet!) chunks.push(chunk);
      const identifier = readIdentifier(Buffer.concat(chunks), explicitVr);
      const [level = ''] = textValues(identifier['00080052']);
      const [patient = ''] = textValues(identifier['00100020']);
      asked.push(`${level} of ${patient}`);
      const told: DicomJson = {
        ...identifier,
        '00100020': { vr: 'LO', Value: ['P1'] },
        '0020000E': { vr: 'UI', Value: ['1.1'] },
        '00080018': { vr: 'UI', Value: ['1.1.1'] },
      };
      const pending = { response: { commandField: 0x8020, status: 0xff00 }, readDataSet: () => told };
      if (level === 'STUDY' || patient === 'P1') await onPending?.(pending);
      return { response: { commandField: 0x8020, status: 0 } };
    },
  };
  return { peer, asked };
}

it('what a patient root has of a study is asked for with the Patient ID that it tells', async () => {
  const { peer, asked } = patientRootArchive();
  const { patientId, instances } = await listInstances(peer, { studyInstanceUid: '1' });
  expect({ patientId, instances: instances.length }).toEqual({ patientId: 'P1', instances: 1 });
  expect(asked).toEqual(['STUDY of ', 'SERIES of P1', 'IMAGE of P1']);
});

it('a query that names its patient, or no study, is asked as it is', async () => {
  const { peer, asked } = patientRootArchive();
  const series = { '00080052': { vr: 'CS' as const, Value: ['SERIES'] } };
  const ofStudy = { ...series, '0020000D': { vr: 'UI' as const, Value: ['1'] } };
  const ofPatient = { ...ofStudy, '00100020': { vr: 'LO' as const, Value: ['P2'] } };
  expect(await withPatientId(peer, context, series)).toBe(series);
  expect(await withPatientId(peer, context, ofPatient)).toBe(ofPatient);
  const told = await withPatientId(peer, context, ofStudy, 'P1');
  expect(textValues(told['00100020'])).toEqual(['P1']);
  expect(asked).toEqual([]);
  expect(textValues((await withPatientId(peer, context, ofStudy))['00100020'])).toEqual(['P1']);
});
