import type { CharacterSet } from './character-set.ts';
import type { FragmentCollector } from './fragment-collector.ts';
import type { DicomJson, DicomJsonElement } from './json-model.ts';

/** What is open at a point of a data set: the stack of these is all that a scan remembers of where it is. */
export type ScanFrame = DataSetFrame | SequenceFrame | FragmentsFrame;

interface Extent {
  /** Offset behind the last byte, at most that of what is around; Infinity where nothing says. */
  readonly end: number;
  /** True if a delimiter ends it before `end`. */
  readonly undefinedLength: boolean;
}

/** The data set itself or an item of a sequence. */
export interface DataSetFrame extends Extent {
  readonly kind: 'data-set';
  readonly attributes: DicomJson;
  explicitVr: boolean;
  readonly bigEndian: boolean;
  /** The item is in an attribute of VR UN; its first element tells whether its VRs are explicit. */
  undecided: boolean;
  characterSet: CharacterSet;
  pixelRepresentation: number | undefined;
  bitsAllocated: number | undefined;
  lutEntries: number | undefined;
  /** Highest so far. */
  lastTag: number;
  ascending: boolean;
}

/** Between the items of a sequence. */
export interface SequenceFrame extends Extent {
  readonly kind: 'sequence';
  readonly tag: number;
  /** Offset of its attribute. */
  readonly offset: number;
  readonly element: DicomJsonElement;
  readonly items: DicomJson[];
  readonly explicitVr: boolean;
  readonly bigEndian: boolean;
  readonly undecided: boolean;
  /** The data set that the sequence is an attribute of. */
  readonly around: DataSetFrame;
}

/** Between the fragments of an encapsulated value (PS3.5 §A.4). */
export interface FragmentsFrame extends Extent {
  readonly kind: 'fragments';
  readonly vr: 'OB' | 'OW';
  readonly tag: number;
  readonly offset: number;
  /** Offset of the first item, which holds the Basic Offset Table. */
  readonly valueOffset: number;
  /** Absent where nobody asks for single frames: icons and other values within sequences. */
  collector: FragmentCollector | undefined;
  readonly around: DataSetFrame;
  items: number;
  /** The body of a fragment is passed over and its last bytes are due. */
  tailDue: boolean;
}

/** An item of a sequence inherits what its own attributes do not say again. */
export function itemFrame(sequence: SequenceFrame, extent: Extent): DataSetFrame {
  const { around } = sequence;
  return {
    kind: 'data-set',
    ...extent,
    attributes: {},
    explicitVr: sequence.explicitVr,
    bigEndian: sequence.bigEndian,
    undecided: sequence.undecided,
    characterSet: around.characterSet,
    pixelRepresentation: around.pixelRepresentation,
    bitsAllocated: around.bitsAllocated,
    lutEntries: undefined,
    lastTag: -1,
    ascending: true,
  };
}
