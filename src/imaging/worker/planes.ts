/** Turns pixels into planes: what `interleaved` takes. */
export function byPlane(pixels: Uint8Array, components: number, sampleBytes: number): Uint8Array<ArrayBuffer> {
  // With components and pixels changing places it is the same work.
  return interleaved(pixels, pixels.length / components / sampleBytes, sampleBytes);
}

/**
 * Turns planes (all of the first component, then all of the second…) into pixels.
 * @param sampleBytes of one sample, kept in their order
 */
export function interleaved(planes: Uint8Array, components: number, sampleBytes: number): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(planes.length);
  const planeBytes = planes.length / components;
  const pixelBytes = components * sampleBytes;
  for (let component = 0; component < components; component++) {
    for (let byte = 0; byte < sampleBytes; byte++) {
      let from = component * planeBytes + byte;
      for (let to = component * sampleBytes + byte; to < pixels.length; to += pixelBytes, from += sampleBytes) {
        pixels[to] = planes[from] as number;
      }
    }
  }
  return pixels;
}
