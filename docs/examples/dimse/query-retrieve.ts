import { createApplicationEntity, storeIn } from 'causeway/dimse';

const archive = 'ORTHANC@127.0.0.1:4242';
const reader = createApplicationEntity({ aeTitle: 'READER', receive: storeIn('incoming') });
await reader.listen(11112);

const keys = { PatientName: '*', StudyDate: '20000101-', StudyInstanceUID: '' };
for await (const { attributes } of reader.find(archive, 'STUDY', keys)) {
  const { completed, failed } = await reader.move(archive, attributes);
  console.log(attributes.StudyInstanceUID, 'moved:', completed, 'failed:', failed);
}
await reader.close();
