import type { Request } from 'express';
import type { ReadPicture } from '../../dicom/native-picture.ts';
import { nativeDicomModel } from '../../dicom/xml-model.ts';
import type { Ingest } from '../../ingest/ingest.ts';
import { CausewayError } from '../../kernel/errors.ts';
import { type MediaType, parseMediaTypes } from '../../kernel/media-type.ts';
import { readMultipart } from '../../kernel/multipart-reader.ts';
import type { SpoolFolder } from '../../kernel/spool-file.ts';
import { negotiate, type Offer } from '../accept.ts';
import { discardRest } from '../discard-rest.ts';
import { type Exchange, type Operation, warningHeader } from '../exchange.ts';
import { requestBody } from '../request-body.ts';
import { instancesOfMetadata } from './metadata-instances.ts';
import {
  instancesOfMultipart,
  onlyInstance,
  type RefusedInstance,
  receiveInstances,
  type SentInstance,
} from './receive-instances.ts';
import { storeResponse, storeStatus } from './store-response.ts';
import { instancesOfZip, instancesOfZips, type ZipLimits } from './zipped-instances.ts';

export interface StoreLimits extends ZipLimits {
  /** Of one request. */
  readonly maxUploadBytes: number;
  /** STOW-RS requests at the same time. */
  readonly maxUploads: number;
  /** Instances of one request whose commit may be outstanding while the next one arrives. */
  readonly maxFinishing: number;
  readonly maxParts: number;
  readonly maxPartHeaderBytes: number;
  /** Of one request of metadata with bulk data, which lies on disk until it is answered. */
  readonly maxMetadataUploadBytes: number;
  /** Requests of metadata with bulk data at the same time. */
  readonly maxMetadataUploads: number;
}

const answers: readonly Offer[] = [
  { type: 'application/dicom+json', packaging: 'single' },
  { type: 'application/json', packaging: 'single' },
  { type: 'application/dicom+xml', packaging: 'single' },
];

/** By the `type` of multipart/related. Senders that leave it out mean DICOM. */
const partTypes = ['application/dicom', 'application/dicom+json', 'application/dicom+xml', 'application/zip'] as const;

const acceptableBodies = [
  ...partTypes.map((type) => `multipart/related; type="${type}"`),
  'application/dicom',
  'application/zip',
];

/** What bodies need that are no DICOM files as they come. */
export interface StoreTools {
  /** Folder for archives and bulk data while they are read. */
  readonly spoolFolder: SpoolFolder;
  readonly readPicture: ReadPicture;
}

/**
 * STOW-RS (PS3.18 §10.5): the body streams into the one door in, and the answer tells what became of each instance.
 */
export function storeInstances(ingest: Ingest, limits: StoreLimits, tools: StoreTools): Operation {
  let uploads = 0;
  const heldUploads = { maxMetadataUploads: 0, maxZipUploads: 0 };
  return async (exchange) => {
    const { request, response } = exchange;
    const answer = negotiate(exchange.accept, answers);
    const passedOver = { first: '', count: 0 };
    const { instances, heldBy } = sentInstances(request, limits, tools, (name) => {
      passedOver.first ||= name;
      passedOver.count += 1;
    });
    if (uploads >= limits.maxUploads) throw busy('maxUploads', limits.maxUploads);
    if (heldBy !== undefined && heldUploads[heldBy] >= limits[heldBy]) throw busy(heldBy, limits[heldBy]);
    uploads += 1;
    if (heldBy !== undefined) heldUploads[heldBy] += 1;
    try {
      const { outcomes, brokenBy } = await receiveInstances(ingest, source(exchange), instances, limits.maxFinishing);
      if (brokenBy?.code === 'aborted' || response.destroyed) {
        const stored = outcomes.filter(({ status }) => status !== 'refused').length;
        exchange.log.info('client left before the answer to its upload', { stored });
        response.destroy();
        return;
      }
      if (brokenBy?.code === 'internal') exchange.log.error('upload failed', { cause: String(brokenBy.cause) });
      if (outcomes.length === 0) throw brokenBy === undefined ? noParts() : asBadRequest(brokenBy);
      if (brokenBy !== undefined) response.append('Warning', warningHeader(exchange.baseUrl, brokenBy.message));
      if (passedOver.count > 0) response.append('Warning', warningHeader(exchange.baseUrl, inWords(passedOver)));
      response.status(storeStatus(outcomes, brokenBy));
      response.setHeader('Content-Type', answer.type);
      const dataSet = storeResponse(outcomes, exchange.baseUrl);
      response.end(answer.type.endsWith('xml') ? [...nativeDicomModel(dataSet)].join('') : JSON.stringify(dataSet));
    } finally {
      uploads -= 1;
      if (heldBy !== undefined) heldUploads[heldBy] -= 1;
      discardRest(request);
    }
  };
}

/** A header is short, whatever an archive holds. */
function inWords({ first, count }: { readonly first: string; readonly count: number }): string {
  const name = first.length > shownNameLength ? `…${first.slice(-shownNameLength)}` : first;
  if (count === 1) return `${name} is no instance and was passed over.`;
  return `${name} and ${count - 1} more are no instances and were passed over.`;
}

const shownNameLength = 200;

function source({ id, request, pathParameters }: Exchange) {
  const { study } = pathParameters;
  const address = request.socket.remoteAddress;
  return {
    door: 'stow',
    id,
    ...(address === undefined ? {} : { address }),
    ...(study === undefined ? {} : { studyInstanceUid: study }),
  } as const;
}

function busy(limit: 'maxUploads' | HeldBy, uploads: number): CausewayError {
  return new CausewayError('unavailable', `There are ${uploads} uploads already; try again later.`, {
    details: { limit },
  });
}

/** The limit of bodies that are held on disk until they are complete. */
type HeldBy = 'maxMetadataUploads' | 'maxZipUploads';

interface SentBody {
  readonly instances: AsyncIterable<SentInstance | RefusedInstance>;
  /** Undefined if it streams. */
  readonly heldBy: HeldBy | undefined;
}

/** @throws CausewayError `unsupported-media-type`, `bad-request`, `limit-exceeded`; nothing of the body is read yet */
function sentInstances(
  request: Request,
  limits: StoreLimits,
  { spoolFolder, readPicture }: StoreTools,
  passedOver: (name: string) => void,
): SentBody {
  const { maxUploadBytes, maxParts, maxPartHeaderBytes, maxMetadataUploadBytes } = limits;
  if (!/^(?:identity)?$/i.test(request.headers['content-encoding'] ?? '')) {
    throw new CausewayError('unsupported-media-type', 'The body must not have a Content-Encoding.', {
      details: { parameter: 'Content-Encoding' },
    });
  }
  if (Number(request.headers['content-length'] ?? 0) > maxUploadBytes) {
    throw new CausewayError('limit-exceeded', `The body is larger than the allowed ${maxUploadBytes} bytes.`, {
      details: { limit: 'maxUploadBytes' },
    });
  }
  const body = requestBody(request);
  const [contentType] = parseMediaTypes(request.headers['content-type'] ?? '');
  if (contentType?.type === 'application/dicom') {
    return { instances: onlyInstance(body, maxUploadBytes), heldBy: undefined };
  }
  if (contentType?.type === 'application/zip') {
    return { instances: instancesOfZip(body, { limits, spoolFolder, passedOver }), heldBy: 'maxZipUploads' };
  }
  const partType = contentType?.type === 'multipart/related' ? partTypeOf(contentType) : undefined;
  if (contentType === undefined || partType === undefined) {
    throw new CausewayError('unsupported-media-type', `Content-Type must be one of: ${acceptableBodies.join(', ')}.`, {
      details: { parameter: 'Content-Type', acceptable: acceptableBodies },
    });
  }
  const boundary = boundaryOf(contentType);
  const multipart = { maxBytes: maxUploadBytes, maxParts, maxHeaderBytes: maxPartHeaderBytes };
  if (partType === 'application/dicom') {
    return { instances: instancesOfMultipart(body, boundary, multipart), heldBy: undefined };
  }
  const parts = readMultipart(body, boundary, multipart);
  if (partType === 'application/zip') {
    return { instances: instancesOfZips(parts, { limits, spoolFolder, passedOver }), heldBy: 'maxZipUploads' };
  }
  return {
    instances: instancesOfMetadata(parts, partType, maxMetadataUploadBytes, readPicture, spoolFolder),
    heldBy: 'maxMetadataUploads',
  };
}

function partTypeOf({ parameters }: MediaType): (typeof partTypes)[number] | undefined {
  const type = parseMediaTypes(parameters.get('type') ?? 'application/dicom')[0]?.type;
  return partTypes.find((known) => known === type);
}

function boundaryOf({ parameters }: MediaType): string {
  const boundary = parameters.get('boundary');
  if (boundary === undefined || !/^[\x20-\x7e]{1,200}$/.test(boundary)) {
    throw new CausewayError('bad-request', 'Content-Type must name the boundary of its parts.', {
      details: { parameter: 'Content-Type' },
    });
  }
  return boundary;
}

function noParts(): CausewayError {
  return new CausewayError('bad-request', 'The body holds no part.');
}

/** A body that ends before its first instance is a message that is broken. */
function asBadRequest(error: CausewayError): CausewayError {
  return error.code === 'truncated' ? new CausewayError('bad-request', error.message, { cause: error }) : error;
}
