/** Implementation Class UID (0002,0012) and sub-item 52H: names this code, not an installation. PS3.7 §D.3.3.2. */
export const implementationClassUid = '2.25.238794296779228013786741080254911946708';

/** At most 16 characters. */
export const implementationVersionName = 'CAUSEWAY_0.1';
