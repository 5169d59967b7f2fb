import type { QueryRetrieveRoot } from '../dicom/find-query.ts';

/** SOP classes of the Query/Retrieve service class by information model; the last model is retired. PS3.4 §C.6. */
const classes = {
  find: {
    study: '1.2.840.10008.5.1.4.1.2.2.1',
    patient: '1.2.840.10008.5.1.4.1.2.1.1',
    'patient-study-only': '1.2.840.10008.5.1.4.1.2.3.1',
  },
  move: {
    study: '1.2.840.10008.5.1.4.1.2.2.2',
    patient: '1.2.840.10008.5.1.4.1.2.1.2',
    'patient-study-only': '1.2.840.10008.5.1.4.1.2.3.2',
  },
  get: {
    study: '1.2.840.10008.5.1.4.1.2.2.3',
    patient: '1.2.840.10008.5.1.4.1.2.1.3',
    'patient-study-only': '1.2.840.10008.5.1.4.1.2.3.3',
  },
} as const satisfies Record<string, Record<QueryRetrieveRoot, string>>;

export type QueryRetrieveOperation = keyof typeof classes;

/** @returns undefined for what is no SOP class of the operation */
export function rootOf(operation: QueryRetrieveOperation, sopClassUid: string): QueryRetrieveRoot | undefined {
  const roots = Object.entries(classes[operation]) as [QueryRetrieveRoot, string][];
  return roots.find(([, uid]) => uid === sopClassUid)?.[0];
}

export function sopClassOf(operation: QueryRetrieveOperation, root: QueryRetrieveRoot): string {
  return classes[operation][root];
}
