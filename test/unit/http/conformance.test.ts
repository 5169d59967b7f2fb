import { describe, expect, it } from 'vitest';
import { storageSopClasses } from '../../../src/dicom/storage-sop-classes.ts';
import { transferSyntaxes } from '../../../src/dicom/transfer-syntaxes.ts';
import type { components } from '../../../src/http/openapi.gen.ts';
import { indexedAttributes } from '../../../src/index/indexed-attributes.ts';
import { fakeServers } from './serve-fakes.ts';

const serve = fakeServers();

async function conformanceOf(web: string) {
  const response = await fetch(`${web}/conformance`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
  return (await response.json()) as components['schemas']['Conformance'];
}

describe('the conformance resource', () => {
  it('has every SOP class and transfer syntax that is kept', async () => {
    const { web } = await serve({ privateSopClassUids: ['1.3.12.2.1107.5.9.1'] });
    const { sopClasses, transferSyntaxes: syntaxes } = await conformanceOf(web);
    const uids = sopClasses.map(({ uid }) => uid);
    expect(uids).toEqual([...storageSopClasses.map(({ uid }) => uid), '1.3.12.2.1107.5.9.1']);
    expect(sopClasses).toContainEqual({ uid: '1.2.840.10008.5.1.4.1.1.2', name: 'CT Image Storage', retired: false });
    expect(syntaxes.map(({ uid }) => uid)).toEqual(transferSyntaxes.map(({ uid }) => uid));
  });

  it('has what retrieval says that it produces', async () => {
    const { house, web } = await serve({});
    for (const { uid, producible } of (await conformanceOf(web)).transferSyntaxes) {
      expect(producible).toEqual(house.retrieve.producible({ transferSyntaxUid: uid }));
    }
  });

  it('has every search key at its level, those within sequences too', async () => {
    const { web } = await serve();
    const { searchKeys } = await conformanceOf(web);
    for (const level of ['patient', 'study', 'series', 'instance'] as const) {
      const ours = indexedAttributes.filter((attribute) => attribute.level === level);
      expect(searchKeys[level].map(({ keyword }) => keyword)).toEqual(ours.map(({ keyword }) => keyword));
    }
    const request = searchKeys.series.find(({ keyword }) => keyword === 'RequestAttributesSequence');
    expect(request?.items).toContainEqual({ tag: '00400009', keyword: 'ScheduledProcedureStepID', vr: 'SH' });
  });

  it('has the media types of each service', async () => {
    const { web } = await serve();
    const { services } = await conformanceOf(web);
    const service = (name: string) => services.find((one) => one.name === name);
    expect(service('store')?.consumes).toEqual(['multipart/related', 'application/dicom', 'application/zip']);
    const rendered = [
      'multipart/related',
      'image/jpeg',
      'image/png',
      'image/gif',
      'text/html',
      'text/plain',
      'text/xml',
      'application/pdf',
      'video/mp4',
      'video/mpeg',
      '*/*',
    ];
    expect(service('rendered')).toMatchObject({ consumes: [], produces: rendered });
    expect(service('capabilities')?.produces).toEqual(['application/vnd.sun.wadl+xml', 'application/json']);
  });

  it('has the limits as they are set', async () => {
    const { web } = await serve({ limits: { searchLimit: 7 } });
    expect((await conformanceOf(web)).limits).toMatchObject({ searchLimit: 7, maxUploads: 32 });
  });

  it('is JSON only', async () => {
    const { web } = await serve();
    expect((await fetch(`${web}/conformance`, { headers: { Accept: 'application/xml' } })).status).toBe(406);
    expect((await fetch(`${web}/conformance`, { method: 'HEAD' })).status).toBe(200);
  });
});
