import { isIdentifierSyntax } from '../../dicom/identifier.ts';
import { storageSopClass } from '../../dicom/storage-sop-classes.ts';
import type { Access } from '../../peers/create-access.ts';
import { commandField } from '../command/command-field.ts';
import { rootOf } from '../query-retrieve-classes.ts';
import { prepareInstance, type SendableInstance } from '../send-instance.ts';
import type { DimseService } from '../service.ts';
import { agreedRetrieval, beginRetrieval, type RetrievalSource } from './retrieval.ts';

export interface GetServiceOptions<I extends SendableInstance> {
  readonly source: RetrievalSource<I>;
  readonly access: Access;
  /** UIDs of private storage SOP classes besides those of the Standard. */
  readonly privateSopClassUids: readonly string[];
}

/**
 * Retrieval as SCP over the caller's own association: C-GET. Instances go to the caller by C-STORE in the presentation
 * contexts for which it took the role of an SCP. PS3.4 §C.4.3, PS3.7 §9.1.3.
 */
export function createGetService<I extends SendableInstance>({
  source,
  access,
  ...options
}: GetServiceOptions<I>): DimseService {
  const privateSopClassUids = new Set(options.privateSopClassUids);
  return {
    name: 'C-GET',
    commandField: commandField.cGet,
    acceptsSopClass: (uid) => rootOf('get', uid) !== undefined,
    acceptsTransferSyntax: isIdentifierSyntax,
    invokes: (uid) => storageSopClass(uid) !== undefined || privateSopClassUids.has(uid),
    answerExtendedNegotiation: ({ applicationInfo }) => agreedRetrieval(applicationInfo),
    begin: (request, respond) =>
      beginRetrieval(request, respond, {
        source,
        access,
        root: rootOf('get', request.context.abstractSyntaxUid),
        async open() {
          const priority = request.command.priority ?? 0;
          return {
            async prepare(instance) {
              const prepared = await prepareInstance(request.peer, source.parts, instance);
              return () => prepared.send({ priority });
            },
            close: async () => {},
          };
        },
      }),
  };
}
