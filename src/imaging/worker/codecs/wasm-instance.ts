/** What an Emscripten module lets us see of its memory. */
interface WasmModule {
  readonly HEAPU8: Uint8Array;
}

/** WebAssembly memory never shrinks: an instance that has grown past this is given up, and the next frame begins a new one. */
export const maxKeptMemoryBytes = 512 * 2 ** 20;

/**
 * Keeps one instance of a WebAssembly codec, and a new one after each exception: what a decoder leaves behind when it fails makes good
 * frames fail later.
 */
export function createWasmInstance<M extends WasmModule>(
  create: () => Promise<M>,
): <T>(use: (module: M) => T) => Promise<T> {
  let instance: Promise<M> | undefined;
  return async (use) => {
    instance ??= create();
    try {
      const module = await instance;
      const result = use(module);
      if (module.HEAPU8.byteLength > maxKeptMemoryBytes) instance = undefined;
      return result;
    } catch (thrown) {
      instance = undefined;
      throw thrown;
    }
  };
}

/** Emscripten prints to the console unless told otherwise. It also makes the options object its module: each instance needs its own. */
export function silentModule(): { print(): void; printErr(): void } {
  return { print() {}, printErr() {} };
}
