import type { CompressedFrame } from '../imaging/imaging.ts';
import type { BoundedCache } from '../kernel/bounded-cache.ts';

/** What was made of frames, pictures and codestreams alike: they share one memory. Keys begin with the blob's and a blank. */
export type FrameCache = BoundedCache<Buffer | CompressedFrame>;
