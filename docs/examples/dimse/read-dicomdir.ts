import { readDicomdir } from 'causeway/dimse';

for await (const { type, path, attributes } of readDicomdir('medium/DICOMDIR')) {
  console.log(type, path, attributes.PatientName, attributes.Modality, attributes.InstanceNumber);
}
