import type { NativePicture } from '../dicom/native-picture.ts';
import type { ErrorCode, ErrorDetails } from '../kernel/errors.ts';
import type { Annotation } from './annotation.ts';
import type { FrameDescription } from './frame-description.ts';
import type { CompressedFrame, DecodedFrame, RenderParameters } from './imaging.ts';
import type { OverlayPlane } from './overlays.ts';
import type { Presentation } from './presentation.ts';
import type { DescribedState } from './presentation-state/describe-state.ts';

/** What crosses from the main thread to a worker. */
export type Job =
  | { readonly kind: 'read-picture'; readonly bytes: Uint8Array; readonly maxBytes: number }
  | { readonly kind: 'decode'; readonly bytes: Uint8Array; readonly frame: FrameDescription }
  | {
      readonly kind: 'encode';
      readonly bytes: Uint8Array;
      readonly frame: FrameDescription;
      readonly transferSyntaxUid: string;
    }
  | {
      readonly kind: 'render';
      readonly bytes: Uint8Array;
      readonly frame: FrameDescription;
      readonly presentation: Presentation;
      readonly overlays: readonly OverlayPlane[];
      /** Of a presentation state that is applied. */
      readonly state: Pick<DescribedState, 'shutter' | 'layout' | 'graphics'> | undefined;
      /** Of the image, where one is asked for. */
      readonly iccProfile?: Uint8Array | undefined;
      /** Text that is burned in. */
      readonly annotation?: Annotation | undefined;
      readonly parameters: RenderParameters;
    };

/** What comes back from a worker: `ready` once, then one answer for each job. */
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'decoded'; readonly frame: DecodedFrame }
  | { readonly kind: 'picture'; readonly picture: NativePicture }
  | { readonly kind: 'encoded'; readonly frame: CompressedFrame }
  | { readonly kind: 'rendered'; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly details: ErrorDetails };
