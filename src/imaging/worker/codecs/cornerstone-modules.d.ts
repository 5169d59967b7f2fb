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
  export interface OpenJphModule {
    readonly HEAPU8: Uint8Array;
    readonly HTJ2KDecoder: new () => Htj2kDecoder;
  }
  export default function createOpenJph(options?: {
    print?(line: string): void;
    printErr?(line: string): void;
  }): Promise<OpenJphModule>;
}
