import { createApplicationEntity } from 'causeway/dimse';

const modality = createApplicationEntity({ aeTitle: 'CT1' });
const step = { Modality: 'CT', ScheduledProcedureStepStartDate: '20261130', ScheduledProcedureStepDescription: '' };
const keys = { PatientName: '', PatientID: '', AccessionNumber: '', ScheduledProcedureStepSequence: [step] };
for await (const { attributes } of modality.worklist('WORKLIST@127.0.0.1:4243', keys)) {
  console.log(attributes.PatientName, attributes.AccessionNumber, attributes.ScheduledProcedureStepSequence);
}
await modality.close();
