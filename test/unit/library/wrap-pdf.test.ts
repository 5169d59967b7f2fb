import { describe, expect, it } from 'vitest';
import { readAttributes } from '../../../src/library/read-attributes.ts';
import { wrapPdf } from '../../../src/library/wrap-pdf.ts';

const pdf = Buffer.from('%PDF-1.4 and so on');

describe('wrapping a PDF', () => {
  it('makes an instance of Encapsulated PDF Storage with a UID of its own', async () => {
    const read = await readAttributes(wrapPdf(pdf, { PatientID: '1', SOPClassUID: '1.2.840.10008.5.1.4.1.1.104.1' }));
    expect(read).toMatchObject({ PatientID: '1', SOPClassUID: '1.2.840.10008.5.1.4.1.1.104.1' });
    expect(read['SOPInstanceUID']).toMatch(/^2\.25\./);
  });

  it('refuses the attributes of an image', () => {
    const ofImage = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', SOPInstanceUID: '1.2.3' };
    expect(() => wrapPdf(pdf, ofImage)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });
});
