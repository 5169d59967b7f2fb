import { storageSopClasses } from '../../dicom/storage-sop-classes.ts';

/** As many as `getContexts` has room for, two contexts each. */
const room = 63;

/** Of images and what goes with them; what is rare, retired or about no patient stands behind and may find no room. */
const likely = /Image|Presentation State|SR|Segmentation|RT|Encapsulated|Key Object|Secondary Capture|Waveform|Dose/;

/** Storage SOP classes to expect where nobody knows better, the likely ones first. */
export const commonSopClasses: readonly string[] = [...storageSopClasses]
  .filter(({ retired, nonPatient }) => !retired && !nonPatient)
  .sort((a, b) => Number(likely.test(b.name)) - Number(likely.test(a.name)))
  .slice(0, room)
  .map(({ uid }) => uid);
