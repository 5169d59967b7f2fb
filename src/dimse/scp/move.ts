import { isIdentifierSyntax } from '../../dicom/identifier.ts';
import type { RetrieveQuery } from '../../dicom/retrieve-query.ts';
import type { Access } from '../../peers/create-access.ts';
import type { Peers } from '../../peers/peers.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';
import type { Search } from '../../search/search.ts';
import { commandField } from '../command/command-field.ts';
import { retrieveStatus } from '../command/retrieve-status.ts';
import { rootOf } from '../query-retrieve-classes.ts';
import { type CalledPeer, calledPeer } from '../scu/called-peer.ts';
import { contextsFor } from '../scu/contexts-for.ts';
import { createDestination } from '../scu/destination.ts';
import type { PeerAssociations } from '../scu/peer-associations.ts';
import type { DimseRequest, DimseService } from '../service.ts';
import { agreedRetrieval, beginRetrieval, type Receiver } from './retrieval.ts';
import { instancesOf } from './sub-operations.ts';

export interface MoveServiceOptions {
  readonly search: Search;
  readonly retrieve: Retrieve;
  readonly access: Access;
  /** Those with a port are destinations. */
  readonly peers: Pick<Peers, 'all'>;
  readonly associations: Pick<PeerAssociations, 'borrow'>;
}

/**
 * Retrieval as SCP to a third party: C-MOVE. Instances go to the destination by C-STORE over an association of our own.
 * PS3.4 §C.4.2, PS3.7 §9.1.4.
 */
export function createMoveService({ search, retrieve, access, ...options }: MoveServiceOptions): DimseService {
  return {
    name: 'C-MOVE',
    commandField: commandField.cMove,
    acceptsSopClass: (uid) => rootOf('move', uid) !== undefined,
    acceptsTransferSyntax: isIdentifierSyntax,
    answerExtendedNegotiation: ({ applicationInfo }) => agreedRetrieval(applicationInfo),
    begin: (request, respond) =>
      beginRetrieval(request, respond, {
        search,
        retrieve,
        access,
        root: rootOf('move', request.context.abstractSyntaxUid),
        async open(query) {
          const wanted = request.command.moveDestination ?? '';
          const destination = (await options.peers.all()).find(
            ({ aeTitle, port }) => aeTitle === wanted && port !== undefined,
          );
          if (destination === undefined) {
            const message = 'The move destination is no known peer with a port.';
            return { status: retrieveStatus.moveDestinationUnknown, message };
          }
          return openReceiver(request, query, calledPeer(destination), destination.transferSyntaxUids);
        },
      }),
  };

  async function openReceiver(
    { association, command, log }: DimseRequest,
    query: RetrieveQuery,
    destination: CalledPeer,
    transferSyntaxUids: readonly string[],
  ): Promise<Receiver> {
    const contexts = await contextsFor(instancesOf({ search, retrieve, query }), transferSyntaxUids);
    return createDestination({
      call: () => options.associations.borrow(destination, { contexts }, log),
      retrieve,
      command: {
        priority: command.priority ?? 0,
        moveOriginatorAeTitle: association.callingAeTitle,
        ...(command.messageId === undefined ? {} : { moveOriginatorMessageId: command.messageId }),
      },
    });
  }
}
