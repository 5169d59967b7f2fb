declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  export interface JpegLsDecoder {
    /** Memory of the decoder for the codestream. */
    getEncodedBuffer(bytes: number): Uint8Array;
    decode(): void;
    getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number };
    /** 0 by plane, 1 by line, 2 by sample. */
    getInterleaveMode(): number;
    getNearLossless(): number;
    /** A view of the decoder's memory: copy before `delete`. */
    getDecodedBuffer(): Uint8Array;
    delete(): void;
  }
  export interface CharlsModule {
    readonly HEAPU8: Uint8Array;
    readonly JpegLSDecoder: new () => JpegLsDecoder;
  }
  export default function createCharls(options?: {
    print?(line: string): void;
    printErr?(line: string): void;
  }): Promise<CharlsModule>;
}

declare module '@cornerstonejs/codec-openjph/wasmjs' {
  export interface Htj2kDecoder {
    /** Memory of the decoder for the codestream. */
    getEncodedBuffer(bytes: number): Uint8Array;
    decode(): void;
    getFrameInfo(): {
      width: number;
      height: number;
      bitsPerSample: number;
      componentCount: number;
      isSigned: boolean;
      isUsingColorTransform: boolean;
    };
    getLastErrorMessage(): string;
    /** A view of the decoder's memory: copy before `delete`. */
    getDecodedBuffer(): Uint8Array;
    delete(): void;
  }
  export interface Htj2kEncoder {
    /** Memory of the encoder for the samples, interleaved. */
    getDecodedBuffer(frameInfo: {
      width: number;
      height: number;
      bitsPerSample: number;
      componentCount: number;
      isSigned: boolean;
      isUsingColorTransform: boolean;
    }): Uint8Array;
    setQuality(lossless: boolean, quantizationStep: number): void;
    /** 0 LRCP, 1 RLCP, 2 RPCL, 3 PCRL, 4 CPRL. */
    setProgressionOrder(order: number): void;
    setDecompositions(levels: number): void;
    encode(): void;
    /** A view of the encoder's memory: copy before `delete`. */
    getEncodedBuffer(): Uint8Array;
    delete(): void;
  }
  export interface OpenJphModule {
    readonly HEAPU8: Uint8Array;
    readonly HTJ2KEncoder: new () => Htj2kEncoder;
    readonly HTJ2KDecoder: new () => Htj2kDecoder;
  }
  export default function createOpenJph(options?: {
    print?(line: string): void;
    printErr?(line: string): void;
  }): Promise<OpenJphModule>;
}

declare module '@cornerstonejs/codec-charls/wasmjs' {
  export interface JpegLsEncoder {
    /** Memory of the encoder for the samples, interleaved. */
    getDecodedBuffer(frameInfo: {
      width: number;
      height: number;
      bitsPerSample: number;
      componentCount: number;
    }): Uint8Array;
    setNearLossless(difference: number): void;
    /** 0 by plane, 1 by line, 2 by sample. */
    setInterleaveMode(mode: number): void;
    encode(): void;
    /** A view of the encoder's memory: copy before `delete`. */
    getEncodedBuffer(): Uint8Array;
    delete(): void;
  }
  export interface CharlsModule {
    readonly HEAPU8: Uint8Array;
    readonly JpegLSEncoder: new () => JpegLsEncoder;
  }
  export default function createCharls(options?: {
    print?(line: string): void;
    printErr?(line: string): void;
  }): Promise<CharlsModule>;
}
