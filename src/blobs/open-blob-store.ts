import type { BlobStore } from './blob-store.ts';
import { createFilesystemBlobStore } from './filesystem-blob-store.ts';

/**
 * Opens the store that a setting names. The S3 client is loaded only where it is needed.
 * @param location a path, or `s3://bucket/prefix`
 * @throws CausewayError `configuration-invalid`
 */
export async function openBlobStore(location: string, options: { s3Endpoint?: string } = {}): Promise<BlobStore> {
  if (!location.startsWith('s3://')) return createFilesystemBlobStore(location);
  const { createS3BlobStore } = await import('./s3-blob-store.ts');
  return createS3BlobStore({
    location,
    ...(options.s3Endpoint === undefined ? {} : { endpoint: options.s3Endpoint }),
  });
}
