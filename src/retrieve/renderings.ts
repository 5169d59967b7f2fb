import type { DicomJson } from '../dicom/json-model.ts';
import type { EncodeVideo } from '../imaging/cine/encode-video.ts';
import type { EncodedFrame, Imaging, RenderParameters } from '../imaging/imaging.ts';
import type { StoredPresentationState } from '../imaging/presentation-state/stored-presentation-state.ts';
import type { Index } from '../index/instance-index.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { mapAhead } from '../kernel/map-ahead.ts';
import { absent } from './absent-target.ts';
import { createCine } from './cine.ts';
import { framesAhead } from './create-conversions.ts';
import type { FrameCache } from './frame-cache.ts';
import { readIccProfile } from './icc-profile.ts';
import { createImageLookUp } from './image-look-up.ts';
import { readOverlayData } from './overlay-data.ts';
import { presentedFrames, requirePresentationState } from './presented-frames.ts';
import { createRenderedPictures } from './rendered-pictures.ts';
import type { BulkValue, Retrieve, StoredFrame, Target } from './retrieve.ts';
import { whileCurrent } from './while-current.ts';

export interface RenderingsParts {
  readonly index: Pick<Index, 'known' | 'instance' | 'instances' | 'middleInstance'>;
  readonly readAttributes: (instance: IndexedInstance) => Promise<DicomJson>;
  /** @throws CausewayError `gone`, `not-found` */
  readonly theInstance: (target: Required<Target>) => Promise<IndexedInstance>;
  readonly storedFrames: (instance: IndexedInstance, numbers: Iterable<number>) => AsyncIterable<StoredFrame>;
  readonly bulk: (
    instance: IndexedInstance,
    path: string,
    range?: { readonly first: number; readonly last?: number },
  ) => Promise<BulkValue>;
  readonly imaging: Pick<Imaging, 'render'>;
  readonly encodeVideo: EncodeVideo | undefined;
  readonly cache: FrameCache;
  /** Longest cine loop that is kept, bytes. */
  readonly maxKeptBytes: number;
}

/** What people look at: pictures and cine loops, with what a presentation state does to them. */
export type Renderings = Pick<
  Retrieve,
  'rendered' | 'cineMediaTypes' | 'cine' | 'cineTypes' | 'presentedCine' | 'presented'
>;

export function createRenderings({
  index,
  readAttributes,
  theInstance,
  storedFrames,
  bulk,
  imaging,
  encodeVideo,
  cache,
  maxKeptBytes,
}: RenderingsParts): Renderings {
  const pictures = createRenderedPictures(imaging, cache);
  const cine = createCine({
    readAttributes,
    renderFrames: (instance, numbers, parameters, state) =>
      mapAhead(
        storedFrames(instance, numbers),
        (frame) => {
          const { blobKey } = instance;
          const wanted = {
            blobKey,
            frameNumber: frame.number,
            parameters,
            stateBlobKey: state?.blobKey,
            passing: true,
          };
          return pictures.render(wanted, () => frameToRender(instance, frame, state, parameters));
        },
        framesAhead,
      ),
    encodeVideo,
    cache,
    maxKeptBytes,
  });

  async function pictured(target: Target): Promise<IndexedInstance> {
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = target;
    if (seriesInstanceUid !== undefined && sopInstanceUid !== undefined) {
      return theInstance({ studyInstanceUid, seriesInstanceUid, sopInstanceUid });
    }
    const instance = await index.middleInstance(target);
    if (!instance) throw await absent(index, target);
    return instance;
  }

  async function storedState(state: IndexedInstance): Promise<StoredPresentationState> {
    const read = await readAttributes(state);
    const readValue = (path: string, range: { first: number; last: number }) => bulk(state, path, range);
    return { attributes: read, overlayData: await readOverlayData(read, 1, readValue, 'any type') };
  }

  async function frameToRender(
    instance: IndexedInstance,
    frame: StoredFrame,
    state: IndexedInstance | undefined,
    { iccProfile }: Pick<RenderParameters, 'iccProfile'>,
  ): Promise<EncodedFrame> {
    const read = await readAttributes(instance);
    const readValue = (path: string, range: { first: number; last: number }) => bulk(instance, path, range);
    const types = state === undefined ? 'graphics' : 'any type';
    return {
      bytes: frame.bytes,
      transferSyntaxUid: frame.transferSyntaxUid,
      bitOffset: frame.bitOffset,
      attributes: read,
      frameNumber: frame.number,
      overlayData: await readOverlayData(read, frame.number, readValue, types),
      ...(iccProfile === undefined ? {} : { iccProfile: await profileOf(instance, state) }),
      ...(state === undefined ? {} : { presentationState: await storedState(state) }),
    };
  }

  /** That of a presentation state goes before that of the image (PS3.4 §N.2.4). */
  async function profileOf(instance: IndexedInstance, state: IndexedInstance | undefined) {
    const read = async (one: IndexedInstance) => readIccProfile(await readAttributes(one), (path) => bulk(one, path));
    return (state === undefined ? undefined : await read(state)) ?? read(instance);
  }

  async function stateOf(presentationState: Required<Target> | undefined): Promise<IndexedInstance | undefined> {
    if (presentationState === undefined) return undefined;
    const state = await theInstance(presentationState);
    requirePresentationState(state);
    return state;
  }

  return {
    rendered: (target, frameNumber = 1, parameters, presentationState) =>
      whileCurrent(
        index,
        () => pictured(target),
        async (instance) => {
          const { blobKey } = instance;
          const state = await stateOf(presentationState);
          return pictures.render({ blobKey, frameNumber, parameters, stateBlobKey: state?.blobKey }, async () => {
            readAttributes(instance).catch(() => {}); // beside the frame, which may fail first
            for await (const frame of storedFrames(instance, [frameNumber]))
              return frameToRender(instance, frame, state, parameters);
            throw await absent(index, instance);
          });
        },
      ),
    cineMediaTypes: cine.mediaTypes,
    cine: async (instance, wanted, presentationState) => cine.play(instance, wanted, await stateOf(presentationState)),
    cineTypes: cine.types,
    async presentedCine(state, presented, parameters) {
      const scenes: { instance: IndexedInstance; frameNumbers: number[] }[] = [];
      for (const { instance, frameNumber } of presented) {
        const last = scenes.at(-1);
        if (last?.instance.sopInstanceUid === instance.sopInstanceUid) last.frameNumbers.push(frameNumber);
        else scenes.push({ instance, frameNumbers: [frameNumber] });
      }
      return cine.playTogether(scenes, parameters, state);
    },
    presented: (instance, extent = 'all') =>
      presentedFrames(instance, extent, { readAttributes, lookUp: createImageLookUp(index) }),
  };
}
