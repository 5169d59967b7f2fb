import { createApplicationEntity, type ReferencedInstance } from 'causeway/dimse';

const archive = 'ORTHANC@127.0.0.1:4242';
const sender = createApplicationEntity({ aeTitle: 'SENDER' });
// The archive may report over an association of its own.
await sender.listen(11112);

const sent: ReferencedInstance[] = [];
for await (const instance of sender.store(archive, ['images'])) {
  if (instance.outcome !== 'failed') sent.push(instance);
}
const { committed, failed } = await sender.commit(archive, sent, { timeoutMs: 60_000 });
console.log('committed:', committed.length, 'not:', failed.length);
await sender.close();
