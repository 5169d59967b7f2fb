import { readFile } from 'node:fs/promises';
import { createApplicationEntity, wrapPdf } from 'causeway/dimse';

const instance = wrapPdf(await readFile('report.pdf'), {
  PatientName: 'DOE^JOHN',
  PatientID: '4711',
  StudyInstanceUID: '1.2.826.0.1.3680043.10.999.4',
  DocumentTitle: 'Letter of discharge',
});
const sender = createApplicationEntity({ aeTitle: 'SENDER' });
for await (const { outcome, reason } of sender.store('ORTHANC@127.0.0.1:4242', [instance])) {
  console.log(outcome, reason ?? '');
}
await sender.close();
