import { CausewayError, createApplicationEntity, storeIn } from 'causeway/dimse';

const keep = storeIn('incoming', (path) => console.log('stored', path));
const server = createApplicationEntity({
  aeTitle: 'STORE',
  refuse: ({ callingAeTitle }) => (callingAeTitle === 'STRANGER' ? 'We do not know you.' : undefined),
  async receive(instance) {
    const isReport = instance.sopClassUid === '1.2.840.10008.5.1.4.1.1.88.11';
    if (isReport) throw new CausewayError('sop-class-unsupported', 'No reports, please.');
    await keep(instance);
  },
});
await server.listen(11112);
process.once('SIGTERM', () => server.close());
