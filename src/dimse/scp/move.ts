import type { QueryRetrieveRoot } from '../../dicom/find-query.ts';
import { isIdentifierSyntax } from '../../dicom/identifier.ts';
import type { RetrieveQuery } from '../../dicom/retrieve-query.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';
import type { Search } from '../../search/search.ts';
import { commandField } from '../command/command-field.ts';
import type { KnownPeer } from '../known-peer.ts';
import { contextsFor } from '../scu/contexts-for.ts';
import type { OpenAssociation, OpenedAssociation } from '../scu/open-association.ts';
import { prepareInstance } from '../send-instance.ts';
import type { DimseRequest, DimseService } from '../service.ts';
import type { QueryAccess } from './query-access.ts';
import { agreedRetrieval, beginRetrieval, type Receiver } from './retrieval.ts';
import { retrieveStatus } from './retrieve-status.ts';
import { instancesOf } from './sub-operations.ts';

export interface MoveServiceOptions {
  readonly search: Search;
  readonly retrieve: Retrieve;
  readonly access: QueryAccess;
  /** Those with a port are destinations. */
  readonly peers: readonly KnownPeer[];
  readonly open: OpenAssociation;
}

/** PS3.4 §C.6.1.3, §C.6.2.3; the last is retired. */
const rootOfSopClass: Readonly<Record<string, QueryRetrieveRoot>> = {
  '1.2.840.10008.5.1.4.1.2.1.2': 'patient',
  '1.2.840.10008.5.1.4.1.2.2.2': 'study',
  '1.2.840.10008.5.1.4.1.2.3.2': 'patient-study-only',
};

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
    acceptsSopClass: (uid) => rootOfSopClass[uid] !== undefined,
    acceptsTransferSyntax: isIdentifierSyntax,
    answerExtendedNegotiation: ({ applicationInfo }) => agreedRetrieval(applicationInfo),
    begin: (request, respond) =>
      beginRetrieval(request, respond, {
        search,
        retrieve,
        access,
        root: rootOfSopClass[request.context.abstractSyntaxUid],
        async open(query) {
          const wanted = request.command.moveDestination ?? '';
          const destination = options.peers.find(({ aeTitle, port }) => aeTitle === wanted && port !== undefined);
          if (destination?.port === undefined) {
            const message = 'The move destination is no known peer with a port.';
            return { status: retrieveStatus.moveDestinationUnknown, message };
          }
          return openReceiver(request, query, { ...destination, port: destination.port });
        },
      }),
  };

  async function openReceiver(
    request: DimseRequest,
    query: RetrieveQuery,
    destination: KnownPeer & { readonly port: number },
  ): Promise<Receiver> {
    const { association, command, log } = request;
    const contexts = await contextsFor(instancesOf({ search, retrieve, query }));
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
