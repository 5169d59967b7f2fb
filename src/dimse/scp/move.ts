import { isIdentifierSyntax } from '../../dicom/identifier.ts';
import type { Access } from '../../peers/create-access.ts';
import type { Peers } from '../../peers/peers.ts';
import { commandField } from '../command/command-field.ts';
import { retrieveStatus } from '../command/retrieve-status.ts';
import { rootOf } from '../query-retrieve-classes.ts';
import { type CalledPeer, calledPeer } from '../scu/called-peer.ts';
import { contextsFor } from '../scu/contexts-for.ts';
import { createDestination } from '../scu/destination.ts';
import type { PeerAssociations } from '../scu/peer-associations.ts';
import type { SendableInstance } from '../send-instance.ts';
import type { DimseService } from '../service.ts';
import { agreedRetrieval, beginRetrieval, type RetrievalSource } from './retrieval.ts';

/** Where a C-MOVE sends to. */
export interface MoveDestination {
  readonly peer: CalledPeer;
  /** The only transfer syntaxes to send in, where there are any. */
  readonly transferSyntaxUids: readonly string[];
}

export interface MoveServiceOptions<I extends SendableInstance> {
  readonly source: RetrievalSource<I>;
  readonly access: Access;
  /** @returns undefined for an AE title that is no destination */
  destinationOf(aeTitle: string): Promise<MoveDestination | undefined>;
  readonly associations: Pick<PeerAssociations, 'borrow'>;
}

/** Known peers with a port are destinations. */
export function knownDestinations(peers: Pick<Peers, 'all'>): MoveServiceOptions<never>['destinationOf'] {
  return async (wanted) => {
    const found = (await peers.all()).find(({ aeTitle, port }) => aeTitle === wanted && port !== undefined);
    return found && { peer: calledPeer(found), transferSyntaxUids: found.transferSyntaxUids };
  };
}

/**
 * Retrieval as SCP to a third party: C-MOVE. Instances go to the destination by C-STORE over an association of our own.
 * PS3.4 §C.4.2, PS3.7 §9.1.4.
 */
export function createMoveService<I extends SendableInstance>({
  source,
  access,
  ...options
}: MoveServiceOptions<I>): DimseService {
  return {
    name: 'C-MOVE',
    commandField: commandField.cMove,
    acceptsSopClass: (uid) => rootOf('move', uid) !== undefined,
    acceptsTransferSyntax: isIdentifierSyntax,
    answerExtendedNegotiation: ({ applicationInfo }) => agreedRetrieval(applicationInfo),
    begin: (request, respond) =>
      beginRetrieval(request, respond, {
        source,
        access,
        root: rootOf('move', request.context.abstractSyntaxUid),
        async open(found) {
          const { association, command, log } = request;
          const destination = await options.destinationOf(command.moveDestination ?? '');
          if (destination === undefined) {
            const message = 'The move destination is no known peer with a port.';
            return { status: retrieveStatus.moveDestinationUnknown, message };
          }
          const { instances } = await found();
          const contexts = await contextsFor(instances(), destination.transferSyntaxUids);
          return createDestination({
            call: () => options.associations.borrow(destination.peer, { contexts }, log),
            retrieve: source.parts,
            preferred: destination.transferSyntaxUids,
            command: {
              priority: command.priority ?? 0,
              moveOriginatorAeTitle: association.callingAeTitle,
              ...(command.messageId === undefined ? {} : { moveOriginatorMessageId: command.messageId }),
            },
          });
        },
      }),
  };
}
