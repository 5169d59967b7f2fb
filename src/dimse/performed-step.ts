/** Modality Performed Procedure Step. PS3.4 §F.7. */
export const performedStepSopClass = '1.2.840.10008.3.1.2.3.3';
