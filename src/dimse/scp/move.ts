import { isIdentifierSyntax } from '../../dicom/identifier.ts';
import type { RetrieveQuery } from '../../dicom/retrieve-query.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { Access } from '../../peers/create-access.ts';
import type { Peers } from '../../peers/peers.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';
import type { Search } from '../../search/search.ts';
import { commandField } from '../command/command-field.ts';
import { rootOf } from '../query-retrieve-classes.ts';
import { contextsFor } from '../scu/contexts-for.ts';
import type { AssociationProposal, OpenAssociation, OpenedAssociation } from '../scu/open-association.ts';
import { prepareInstance } from '../send-instance.ts';
import type { DimseRequest, DimseService } from '../service.ts';
import { agreedRetrieval, beginRetrieval, type Receiver } from './retrieval.ts';
import { retrieveStatus } from './retrieve-status.ts';
import { instancesOf } from './sub-operations.ts';

export interface MoveServiceOptions {
  readonly search: Search;
  readonly retrieve: Retrieve;
  readonly access: Access;
  /** Those with a port are destinations. */
  readonly peers: Pick<Peers, 'all'>;
  readonly open: OpenAssociation;
}

/** A destination that hangs up is called again so often, in one retrieval. */
const maxCalls = 3;

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
          if (destination?.port === undefined) {
            const message = 'The move destination is no known peer with a port.';
            return { status: retrieveStatus.moveDestinationUnknown, message };
          }
          const { aeTitle, host, port, callingAeTitle, transferSyntaxUids } = destination;
          return openReceiver(request, query, { aeTitle, host, port, callingAeTitle }, transferSyntaxUids);
        },
      }),
  };

  async function openReceiver(
    request: DimseRequest,
    query: RetrieveQuery,
    destination: Pick<AssociationProposal, 'aeTitle' | 'host' | 'port' | 'callingAeTitle'>,
    transferSyntaxUids: readonly string[],
  ): Promise<Receiver> {
    const { association, command, log } = request;
    const contexts = await contextsFor(instancesOf({ search, retrieve, query }), transferSyntaxUids);
    let opening: Promise<OpenedAssociation> | undefined;
    let calls = 0;

    async function call(): Promise<OpenedAssociation> {
      if (calls >= maxCalls) throw new CausewayError('unavailable', 'The destination was called often enough.');
      calls += 1;
      return options.open({ ...destination, contexts, log });
    }

    /** The association that is open, or a new one; whoever finds it closed at the same time shares the new one. */
    async function associated(): Promise<OpenedAssociation> {
      const before = opening;
      const association = await before?.catch(() => undefined);
      if (association?.isOpen) return association;
      if (opening === before) opening = call();
      return opening!;
    }

    const originator = {
      priority: command.priority ?? 0,
      moveOriginatorAeTitle: association.callingAeTitle,
      ...(command.messageId === undefined ? {} : { moveOriginatorMessageId: command.messageId }),
    };

    return {
      async prepare(instance) {
        const destined = await associated();
        const prepared = await prepareInstance(destined.peer, retrieve, instance);
        return async () => {
          try {
            // The destination may have hung up on the instance before.
            if (destined.isOpen) return await prepared.send(originator);
            return await (await prepareInstance((await associated()).peer, retrieve, instance)).send(originator);
          } catch (thrown) {
            // It is the destination that has gone, not the caller.
            if (!(thrown instanceof CausewayError) || thrown.code !== 'aborted') throw thrown;
            throw new CausewayError('unavailable', 'The destination ended the association.', { cause: thrown });
          }
        };
      },
      async close() {
        await (await opening?.catch(() => undefined))?.release();
      },
    };
  }
}
