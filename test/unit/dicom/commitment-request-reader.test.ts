import { describe, expect, it } from 'vitest';
import { type ReferencedInstance, writeCommitmentRequest } from '../../../src/dicom/commitment-data-set.ts';
import { createCommitmentRequestReader } from '../../../src/dicom/commitment-request-reader.ts';
import { writeIdentifier } from '../../../src/dicom/identifier.ts';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { transferSyntaxUids } from '../../../src/dicom/transfer-syntaxes.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';

const { explicitVrLittleEndian, implicitVrLittleEndian } = transferSyntaxUids;
const instances = Array.from({ length: 500 }, (_, at) => ({
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  sopInstanceUid: `1.2.3.${at}`,
}));
const request = writeCommitmentRequest({ transactionUid: '2.25.1', instances });

type Limits = Parameters<typeof createCommitmentRequestReader>[1];

function read(bytes: Uint8Array, transferSyntaxUid: string, chunkBytes = 100, limits?: Limits) {
  const reader = createCommitmentRequestReader(transferSyntaxUid, limits);
  const references: ReferencedInstance[] = [];
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    references.push(...reader.push(bytes.subarray(start, start + chunkBytes)));
  }
  const { transactionUid, references: last, count } = reader.end();
  return { transactionUid, references: [...references, ...last], count };
}

function refusal(dataSet: DicomJson, limits?: Limits): CausewayError {
  try {
    read(writeIdentifier(dataSet, explicitVrLittleEndian), explicitVrLittleEndian, 1_000, limits);
  } catch (thrown) {
    if (thrown instanceof CausewayError) return thrown;
    throw thrown;
  }
  throw new Error('It was not refused.');
}

describe('a storage commitment request', () => {
  it.each([
    ['explicit VR', explicitVrLittleEndian],
    ['implicit VR', implicitVrLittleEndian],
  ])('is read in %s, in pieces of any size', (_name, transferSyntaxUid) => {
    const bytes = writeIdentifier(request, transferSyntaxUid);
    for (const chunkBytes of [1, 7, 4_096, bytes.length]) {
      expect(read(bytes, transferSyntaxUid, chunkBytes)).toEqual({
        transactionUid: '2.25.1',
        references: instances,
        count: 500,
      });
    }
  });

  it.each(['\0', ' ', '\0\0', '  '])('has UIDs that may be padded with %j', (padding) => {
    const padded = (uid: string) => ({ vr: 'UI' as const, Value: [uid + padding] });
    const { transactionUid, references } = read(
      writeIdentifier(
        {
          '00081195': padded('2.25.1'),
          '00081199': { vr: 'SQ', Value: [{ '00081150': padded('1.2.3'), '00081155': padded('1.2.34') }] },
        },
        explicitVrLittleEndian,
      ),
      explicitVrLittleEndian,
    );
    expect(transactionUid).toBe('2.25.1');
    expect(references).toEqual([{ sopClassUid: '1.2.3', sopInstanceUid: '1.2.34' }]);
  });

  it('gives each reference as soon as it is complete, and holds none of them', () => {
    const reader = createCommitmentRequestReader(explicitVrLittleEndian);
    const bytes = writeIdentifier(request, explicitVrLittleEndian);
    const half = reader.push(bytes.subarray(0, bytes.length / 2));
    expect(half.length).toBeGreaterThan(240);
    expect(half).toEqual(instances.slice(0, half.length));
    expect(reader.push(bytes.subarray(bytes.length / 2)).length).toBeLessThan(260);
  });

  it('may be longer than 16 MiB', () => {
    const reader = createCommitmentRequestReader(implicitVrLittleEndian);
    const many = writeCommitmentRequest({ transactionUid: '2.25.1', instances: instances.slice(0, 1) });
    const one = writeIdentifier(many, implicitVrLittleEndian).subarray(-(8 + 8 + 26 + 8 + 8));
    const head = writeIdentifier({ '00081195': { vr: 'UI', Value: ['2.25.1'] } }, implicitVrLittleEndian);
    const sequence = Buffer.from('08009911ffffffff', 'hex');
    reader.push(Buffer.concat([head, sequence]));
    const block = Buffer.concat(Array.from({ length: 1_000 }, () => one));
    let references = 0;
    for (let bytes = 0; bytes < 17 * 1024 * 1024; bytes += block.length) references += reader.push(block).length;
    reader.push(Buffer.from('feffdde000000000', 'hex'));
    expect(reader.end().count).toBe(references);
    expect(references).toBeGreaterThan(250_000);
  });

  const item = (attributes: DicomJson): DicomJson => ({
    ...request,
    '00081199': { vr: 'SQ', Value: [attributes] },
  });
  const reference = (request['00081199']?.Value?.[0] ?? {}) as DicomJson;

  it.each<[string, DicomJson, string, string]>([
    ['without a Transaction UID', { '00081199': request['00081199']! }, 'attribute-missing', '(0008,1195)'],
    ['without a reference', { '00081195': request['00081195']! }, 'attribute-missing', '(0008,1199)'],
    ['with half a reference', item({ '00081155': reference['00081155']! }), 'attribute-missing', '(0008,1199)'],
    [
      'with an item of many attributes',
      item(Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`0009${1000 + at}`, { vr: 'LO' as const }]))),
      'limit-exceeded',
      'more than 1000 attributes',
    ],
    [
      'with an item of many items',
      item({ '00081140': { vr: 'SQ', Value: Array.from({ length: 1_001 }, () => ({})) } }),
      'limit-exceeded',
      'more than 1000 attributes',
    ],
    ...[
      ['00081155', '1'.repeat(65)],
      ['00081155', '1.2.3\u00e9'],
      ['00081150', '1.2.840.10008.5.1.4.1.1.x'],
    ].map(([tag = '', uid = '']): [string, DicomJson, string, string] => [
      `with ${uid} as a UID`,
      item({ ...reference, [tag]: { vr: 'UI', Value: [uid] } }),
      'malformed',
      `(0008,${tag.slice(4)}) is no UID`,
    ]),
    [
      'with a Transaction UID that is none',
      { ...request, '00081195': { vr: 'UI', Value: ['2.25.-1'] } },
      'malformed',
      '(0008,1195) is no UID',
    ],
    [
      'with a long value in an item',
      item({ '00204000': { vr: 'LT', Value: ['x'.repeat(1_026)] } }),
      'limit-exceeded',
      'longer than 1024 bytes',
    ],
  ])('%s is refused', (_what, dataSet, code, words) => {
    const refused = refusal(dataSet);
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(words);
  });

  it('with more references or bytes than are taken is refused in words that name the limit', () => {
    const few = { maxReferences: 499, maxBytes: 1_000_000 };
    expect(refusal(request, few).message).toBe('The request refers to more than 499 instances.');
    const short = { maxReferences: 1_000, maxBytes: 10_000 };
    expect(refusal(request, short).message).toBe('The request is longer than 10000 bytes.');
  });
});
