import { createApplicationEntity } from 'causeway/dimse';

const sender = createApplicationEntity({ aeTitle: 'SENDER' });
for await (const { path, outcome, reason } of sender.store('ORTHANC@127.0.0.1:4242', ['images'])) {
  console.log(path, outcome, reason ?? '');
}
await sender.close();
