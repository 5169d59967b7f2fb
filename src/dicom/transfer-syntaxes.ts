/** Which decoder understands the pixels. `native`: none is needed. `referenced`: they are not in the file (JPIP). */
export type CodecFamily =
  | 'native'
  | 'rle'
  | 'jpeg'
  | 'jpeg-ls'
  | 'jpeg-2000'
  | 'htj2k'
  | 'jpeg-xl'
  | 'deflated-frame'
  | 'mpeg2'
  | 'mpeg4'
  | 'hevc'
  | 'referenced';

/** How a data set and its pixels are encoded (PS3.5 §10 and Annex A, PS3.6 Table A-1). */
export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly explicitVr: boolean;
  readonly bigEndian: boolean;
  /** The data set behind the File Meta Information is one raw deflate stream (PS3.5 §A.5). */
  readonly deflated: boolean;
  /** Pixel Data is a sequence of fragments (PS3.5 §A.4). */
  readonly encapsulated: boolean;
  /** True if pixels may have lost information on the way into it. */
  readonly lossy: boolean;
  readonly codec: CodecFamily;
  /** Media type of one frame, or of the one stream of a video (PS3.18 Table 8.7.3-5). */
  readonly frameMediaType: string;
  /** All fragments are one stream; frames cannot be taken out without decoding. */
  readonly video: boolean;
  readonly retired: boolean;
}

/** What UIDs mean that code has to name. */
export const transferSyntaxUids = {
  implicitVrLittleEndian: '1.2.840.10008.1.2',
  explicitVrLittleEndian: '1.2.840.10008.1.2.1',
  encapsulatedUncompressed: '1.2.840.10008.1.2.1.98',
  deflatedExplicitVrLittleEndian: '1.2.840.10008.1.2.1.99',
  explicitVrBigEndian: '1.2.840.10008.1.2.2',
  jpegBaseline: '1.2.840.10008.1.2.4.50',
  jpegLosslessSv1: '1.2.840.10008.1.2.4.70',
  jpegLsLossless: '1.2.840.10008.1.2.4.80',
  jpeg2000Lossless: '1.2.840.10008.1.2.4.90',
  jpegXlJpegRecompression: '1.2.840.10008.1.2.4.111',
  htj2kLossless: '1.2.840.10008.1.2.4.201',
  rleLossless: '1.2.840.10008.1.2.5',
  deflatedImageFrame: '1.2.840.10008.1.2.8.1',
} as const;

const mediaTypes: Readonly<Record<CodecFamily, string>> = {
  native: 'application/octet-stream',
  rle: 'image/dicom-rle',
  jpeg: 'image/jpeg',
  'jpeg-ls': 'image/jls',
  'jpeg-2000': 'image/jp2',
  htj2k: 'image/jphc',
  'jpeg-xl': 'image/jxl',
  'deflated-frame': 'application/octet-stream',
  mpeg2: 'video/mpeg',
  mpeg4: 'video/mp4',
  hevc: 'video/mp4',
  referenced: 'application/octet-stream',
};

const videoCodecs: ReadonlySet<CodecFamily> = new Set(['mpeg2', 'mpeg4', 'hevc']);

/** All that is not said is as in Explicit VR Little Endian, encapsulated where a codec is named. */
function syntax(
  suffix: string,
  name: string,
  codec: CodecFamily = 'native',
  differs: Partial<Omit<TransferSyntax, 'uid' | 'name' | 'codec'>> = {},
): TransferSyntax {
  return {
    uid: `1.2.840.10008.1${suffix}`,
    name,
    explicitVr: true,
    bigEndian: false,
    deflated: false,
    encapsulated: codec !== 'native' && codec !== 'referenced',
    lossy: false,
    codec,
    frameMediaType: mediaTypes[codec],
    video: videoCodecs.has(codec),
    retired: false,
    ...differs,
  };
}

const lossy = { lossy: true } as const;
const retired = { retired: true } as const;
const retiredLossy = { lossy: true, retired: true } as const;

/** Every transfer syntax of the current Standard in which a data set can be kept, and the retired ones still met in archives. */
export const transferSyntaxes: readonly TransferSyntax[] = [
  syntax('.2', 'Implicit VR Little Endian', 'native', { explicitVr: false }),
  syntax('.2.1', 'Explicit VR Little Endian'),
  syntax('.2.1.98', 'Encapsulated Uncompressed Explicit VR Little Endian', 'native', { encapsulated: true }),
  syntax('.2.1.99', 'Deflated Explicit VR Little Endian', 'native', { deflated: true }),
  syntax('.2.2', 'Explicit VR Big Endian', 'native', { bigEndian: true, retired: true }),
  syntax('.2.4.50', 'JPEG Baseline (Process 1)', 'jpeg', lossy),
  syntax('.2.4.51', 'JPEG Extended (Process 2 and 4)', 'jpeg', lossy),
  syntax('.2.4.52', 'JPEG Extended (Process 3 and 5)', 'jpeg', retiredLossy),
  syntax('.2.4.53', 'JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)', 'jpeg', retiredLossy),
  syntax('.2.4.54', 'JPEG Spectral Selection, Non-Hierarchical (Process 7 and 9)', 'jpeg', retiredLossy),
  syntax('.2.4.55', 'JPEG Full Progression, Non-Hierarchical (Process 10 and 12)', 'jpeg', retiredLossy),
  syntax('.2.4.56', 'JPEG Full Progression, Non-Hierarchical (Process 11 and 13)', 'jpeg', retiredLossy),
  syntax('.2.4.57', 'JPEG Lossless, Non-Hierarchical (Process 14)', 'jpeg'),
  syntax('.2.4.58', 'JPEG Lossless, Non-Hierarchical (Process 15)', 'jpeg', retired),
  syntax('.2.4.59', 'JPEG Extended, Hierarchical (Process 16 and 18)', 'jpeg', retiredLossy),
  syntax('.2.4.60', 'JPEG Extended, Hierarchical (Process 17 and 19)', 'jpeg', retiredLossy),
  syntax('.2.4.61', 'JPEG Spectral Selection, Hierarchical (Process 20 and 22)', 'jpeg', retiredLossy),
  syntax('.2.4.62', 'JPEG Spectral Selection, Hierarchical (Process 21 and 23)', 'jpeg', retiredLossy),
  syntax('.2.4.63', 'JPEG Full Progression, Hierarchical (Process 24 and 26)', 'jpeg', retiredLossy),
  syntax('.2.4.64', 'JPEG Full Progression, Hierarchical (Process 25 and 27)', 'jpeg', retiredLossy),
  syntax('.2.4.65', 'JPEG Lossless, Hierarchical (Process 28)', 'jpeg', retired),
  syntax('.2.4.66', 'JPEG Lossless, Hierarchical (Process 29)', 'jpeg', retired),
  syntax('.2.4.70', 'JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])', 'jpeg'),
  syntax('.2.4.80', 'JPEG-LS Lossless Image Compression', 'jpeg-ls'),
  syntax('.2.4.81', 'JPEG-LS Lossy (Near-Lossless) Image Compression', 'jpeg-ls', lossy),
  syntax('.2.4.90', 'JPEG 2000 Image Compression (Lossless Only)', 'jpeg-2000'),
  syntax('.2.4.91', 'JPEG 2000 Image Compression', 'jpeg-2000', lossy),
  syntax('.2.4.92', 'JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)', 'jpeg-2000', {
    frameMediaType: 'image/jpx',
  }),
  syntax('.2.4.93', 'JPEG 2000 Part 2 Multi-component Image Compression', 'jpeg-2000', {
    lossy: true,
    frameMediaType: 'image/jpx',
  }),
  syntax('.2.4.94', 'JPIP Referenced', 'referenced', lossy),
  syntax('.2.4.95', 'JPIP Referenced Deflate', 'referenced', { lossy: true, deflated: true }),
  syntax('.2.4.100', 'MPEG2 Main Profile / Main Level', 'mpeg2', lossy),
  syntax('.2.4.100.1', 'Fragmentable MPEG2 Main Profile / Main Level', 'mpeg2', lossy),
  syntax('.2.4.101', 'MPEG2 Main Profile / High Level', 'mpeg2', lossy),
  syntax('.2.4.101.1', 'Fragmentable MPEG2 Main Profile / High Level', 'mpeg2', lossy),
  syntax('.2.4.102', 'MPEG-4 AVC/H.264 High Profile / Level 4.1', 'mpeg4', lossy),
  syntax('.2.4.102.1', 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1', 'mpeg4', lossy),
  syntax('.2.4.103', 'MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1', 'mpeg4', lossy),
  syntax('.2.4.103.1', 'Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1', 'mpeg4', lossy),
  syntax('.2.4.104', 'MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video', 'mpeg4', lossy),
  syntax('.2.4.104.1', 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video', 'mpeg4', lossy),
  syntax('.2.4.105', 'MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video', 'mpeg4', lossy),
  syntax('.2.4.105.1', 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video', 'mpeg4', lossy),
  syntax('.2.4.106', 'MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2', 'mpeg4', lossy),
  syntax('.2.4.106.1', 'Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2', 'mpeg4', lossy),
  syntax('.2.4.107', 'HEVC/H.265 Main Profile / Level 5.1', 'hevc', lossy),
  syntax('.2.4.108', 'HEVC/H.265 Main 10 Profile / Level 5.1', 'hevc', lossy),
  syntax('.2.4.110', 'JPEG XL Lossless', 'jpeg-xl'),
  syntax('.2.4.111', 'JPEG XL JPEG Recompression', 'jpeg-xl', lossy),
  syntax('.2.4.112', 'JPEG XL', 'jpeg-xl', lossy),
  syntax('.2.4.201', 'High-Throughput JPEG 2000 Image Compression (Lossless Only)', 'htj2k'),
  syntax('.2.4.202', 'High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)', 'htj2k'),
  syntax('.2.4.203', 'High-Throughput JPEG 2000 Image Compression', 'htj2k', lossy),
  syntax('.2.4.204', 'JPIP HTJ2K Referenced', 'referenced', lossy),
  syntax('.2.4.205', 'JPIP HTJ2K Referenced Deflate', 'referenced', { lossy: true, deflated: true }),
  syntax('.2.5', 'RLE Lossless', 'rle'),
  syntax('.2.8.1', 'Deflated Image Frame Compression', 'deflated-frame'),
  syntax('.20', 'Papyrus 3 Implicit VR Little Endian', 'native', { explicitVr: false, retired: true }),
];

const byUid = new Map(transferSyntaxes.map((entry) => [entry.uid, entry]));

export function transferSyntax(uid: string): TransferSyntax | undefined {
  return byUid.get(uid);
}
