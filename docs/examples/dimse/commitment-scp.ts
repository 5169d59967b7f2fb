import { createApplicationEntity, storeIn } from 'causeway/dimse';

const kept = new Set<string>();
const keep = storeIn('incoming');
const server = createApplicationEntity({
  aeTitle: 'STORE',
  async receive(instance) {
    await keep(instance);
    kept.add(instance.sopInstanceUid);
  },
  commitment: ({ instances }) => instances.filter(({ sopInstanceUid }) => kept.has(sopInstanceUid)),
  addressOf: (aeTitle) => (aeTitle === 'ORTHANC' ? 'ORTHANC@127.0.0.1:4242' : undefined),
});
await server.listen(11112);
process.once('SIGTERM', () => server.close());
