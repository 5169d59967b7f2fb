/** Modality Worklist Information Model - FIND. PS3.4 §K.6.1. */
export const modalityWorklistSopClass = '1.2.840.10008.5.1.4.31';
