import type { BlobStore } from './blob-store.ts';
import { createFilesystemBlobStore, type FilesystemBlobStoreOptions } from './filesystem-blob-store.ts';

interface BlobStoreOptions extends FilesystemBlobStoreOptions {
  readonly s3Endpoint?: string | undefined;
}

/**
 * Opens the store that a setting names. The S3 client is loaded only where it is needed.
 * @param location a path, or `s3://bucket/prefix`
 * @throws CausewayError `configuration-invalid`; `unavailable` if it is a folder, and another than before
 */
export async function openBlobStore(
  location: string,
  { s3Endpoint, ...options }: BlobStoreOptions = {},
): Promise<BlobStore> {
  if (!location.startsWith('s3://')) return createFilesystemBlobStore(location, options);
  const { createS3BlobStore } = await import('./s3-blob-store.ts');
  return createS3BlobStore({
    location,
    ...(s3Endpoint === undefined ? {} : { endpoint: s3Endpoint }),
  });
}
