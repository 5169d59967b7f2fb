import dcmjsDimse from 'dcmjs-dimse';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDimseServer, type TestDimseServer } from '../support/dimse-server.ts';

const { Client, Dataset, constants, log, requests } = dcmjsDimse;

let dimse: TestDimseServer;

beforeAll(() => log.disableAll());

beforeEach(async () => {
  dimse = await startDimseServer();
});

afterEach(async () => {
  await dimse.server.close({ graceMs: 0 });
});

/** Sends the requests over one association and returns the statuses in the order of the responses. */
function send(given: readonly InstanceType<typeof requests.CEchoRequest | typeof requests.CStoreRequest>[]) {
  return new Promise<number[]>((resolve, reject) => {
    const statuses: number[] = [];
    const client = new Client();
    for (const request of given) {
      request.on('response', (response) => statuses.push(response.getStatus()));
      client.addRequest(request);
    }
    client.on('networkError', reject);
    client.on('associationRejected', (rejection) => reject(new Error(`rejected ${rejection.getReason()}`)));
    client.on('closed', () => resolve(statuses));
    client.send('127.0.0.1', dimse.port, 'DCMJS', 'CAUSEWAY');
  });
}

function ctImage(sopInstanceUid: string, transferSyntaxUid: string) {
  const elements = {
    _vrMap: {},
    SOPClassUID: constants.StorageClass.CtImageStorage,
    SOPInstanceUID: sopInstanceUid,
    StudyInstanceUID: '1.2.3',
    SeriesInstanceUID: '1.2.3.4',
    PatientName: 'Phantom^One',
  };
  return new Dataset(elements, transferSyntaxUid);
}

describe('dcmjs-dimse as SCU', () => {
  it('is answered its C-ECHO', async () => {
    expect(await send([new requests.CEchoRequest()])).toEqual([0]);
  });

  it('stores over one association in the transfer syntaxes that it has', async () => {
    const { ExplicitVRLittleEndian, ImplicitVRLittleEndian } = constants.TransferSyntax;
    const images = [
      ctImage('1.2.3.4.1', ExplicitVRLittleEndian),
      ctImage('1.2.3.4.2', ExplicitVRLittleEndian),
      ctImage('1.2.3.4.3', ImplicitVRLittleEndian),
    ];
    expect(await send(images.map((image) => new requests.CStoreRequest(image)))).toEqual([0, 0, 0]);
    expect(dimse.ingest.finished.map(({ source }) => source.affected?.sopInstanceUid).sort()).toEqual([
      '1.2.3.4.1',
      '1.2.3.4.2',
      '1.2.3.4.3',
    ]);
    for (const { bytes } of dimse.ingest.finished) expect(bytes.toString('latin1')).toContain('Phantom^One');
  });
});
