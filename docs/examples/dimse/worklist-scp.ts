import { createApplicationEntity } from 'causeway/dimse';

const step = { Modality: 'CT', ScheduledStationAETitle: 'CT1', ScheduledProcedureStepStartDate: '20261130' };
const patient = { PatientName: 'DOE^JANE', PatientID: 'W-1', AccessionNumber: 'A-CT' };
const items = [
  { ...patient, ScheduledProcedureStepSequence: [{ ...step, ScheduledProcedureStepDescription: 'Head' }] },
];

const worklist = createApplicationEntity({
  aeTitle: 'WORKLIST',
  async *worklist({ matches, signal }) {
    for (const item of items) {
      if (signal.aborted) return;
      if (matches(item)) yield item;
    }
  },
});
await worklist.listen(11112);
process.once('SIGTERM', () => worklist.close());
