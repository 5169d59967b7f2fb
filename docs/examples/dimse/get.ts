import { createApplicationEntity, storeIn } from 'causeway/dimse';

const reader = createApplicationEntity({ aeTitle: 'READER', receive: storeIn('incoming') });
const study = { StudyInstanceUID: '1.2.826.0.1.3680043.10.999.4' };
const { completed, failed } = await reader.get('ORTHANC@127.0.0.1:4242', study);
console.log('got:', completed, 'failed:', failed);
await reader.close();
