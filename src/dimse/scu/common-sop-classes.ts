import { storageSopClasses } from '../../dicom/storage-sop-classes.ts';

/** What archives mostly hold, the most usual first: the numbers behind 1.2.840.10008.5.1.4.1.1. */
const usual = [
  ...['2', '4', '1', '1.1', '6.1', '7', '128', '3.1', '12.1', '20', '1.2', '88.67', '88.59', '104.1', '11.1'],
  ...['88.22', '88.11', '88.33', '481.3', '481.5', '481.2', '481.1', '66.4', '4.1', '2.1', '13.1.3', '12.2', '66.1'],
  ...['77.1.4', '77.1.1', '88.50', '9.1.1', '9.1.2', '88.65', '88.34', '11.2', '66', '104.2', '481.4', '481.8'],
  ...['481.9', '481.7', '481.6', '7.4', '7.2', '1.3', '1.1.1', '1.2.1', '77.1.5.1', '77.1.5.4', '77.1.6', '130'],
].map((suffix) => `1.2.840.10008.5.1.4.1.1.${suffix}`);

const rankOf = (uid: string): number => (usual.includes(uid) ? usual.indexOf(uid) : usual.length);

/** Storage SOP classes to expect where nobody knows better, the likely ones first. */
export const commonSopClasses: readonly string[] = storageSopClasses
  .map(({ uid }) => uid)
  .sort((a, b) => rankOf(a) - rankOf(b));
