import type { Bridge, PeerServices } from '../bridge/bridge.ts';
import { CausewayError } from '../kernel/errors.ts';
import { type DicomwebLimits, type DicomwebServices, dicomwebOperations } from './dicomweb/dicomweb-operations.ts';
import type { Operation } from './exchange.ts';
import type { operations } from './openapi.gen.ts';
import { retrieveByUri } from './wado-uri/retrieve-by-uri.ts';

export interface PeerDicomwebOptions {
  readonly bridge: Bridge;
  /** Of the house itself. */
  readonly services: DicomwebServices;
  readonly limits: DicomwebLimits;
  readonly searchEmptyStatus: 200 | 204;
}

/** Finds what answers an operation of DICOMweb over a peer. @throws CausewayError */
export type PeerDicomweb = (aeTitle: string, operationId: keyof operations) => Promise<Operation>;

/** What DIMSE has, and DICOMweb, too. */
const offered = /^(?:search|count|store|retrieve)[A-Z]/;

/** DICOMweb over what peers have, at `/peers/{aeTitle}` in front of the base path. */
export function peerDicomweb({ bridge, services, limits, searchEmptyStatus }: PeerDicomwebOptions): PeerDicomweb {
  const tableOf = (peer: PeerServices) => ({
    ...dicomwebOperations({ ...services, ...peer }, limits, searchEmptyStatus),
    retrieveByUri: retrieveByUri(peer.retrieve),
  });
  type Table = ReturnType<typeof tableOf>;
  const tables = new WeakMap<PeerServices, Table>();
  return async (aeTitle, operationId) => {
    const peer = await bridge.services(aeTitle);
    const table = tables.get(peer) ?? tableOf(peer);
    tables.set(peer, table);
    const operation = Object.hasOwn(table, operationId) ? table[operationId as keyof Table] : undefined;
    if (operation === undefined || !offered.test(operationId)) {
      throw new CausewayError('not-found', 'Peers have no such resource: they are searched, read and stored to.');
    }
    return operation;
  };
}
