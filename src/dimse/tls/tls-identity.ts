import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { CausewayError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { type TlsProfile, tlsProfileOptions } from './tls-profile.ts';

/** Paths of PEM files. */
export interface TlsFiles {
  readonly key?: string | undefined;
  /** With those between it and its authority, in order. */
  readonly certificate?: string | undefined;
  /** Authorities whose certificates are accepted; those that Node knows if there are none. */
  readonly ca?: string | undefined;
}

/** What we show to peers, and whom we believe, as acceptor and as requestor. */
export interface TlsIdentity {
  /** The same object until a file has changed, which takes effect for the next connection. Never rejects. */
  current(): Promise<SecureContextOptions>;
}

/**
 * Certificates are renewed while we run: files are read again when they have changed, and what cannot be used then is
 * logged and not taken.
 * @throws CausewayError `configuration-invalid` if the files cannot be read or do not belong together
 */
export async function createTlsIdentity(files: TlsFiles, profile: TlsProfile, log: Log): Promise<TlsIdentity> {
  const paths = [files.key, files.certificate, files.ca].filter((path) => path !== undefined);
  let stamp = await stampOf(paths);
  let options = await read(files, profile);
  let checking: Promise<void> | undefined;

  async function check(): Promise<void> {
    const newest = await stampOf(paths);
    if (newest === stamp) return;
    stamp = newest;
    try {
      options = await read(files, profile);
      log.info('The TLS key and certificates were read anew.');
    } catch (thrown) {
      log.error('The TLS files have changed and cannot be used; those from before stay in use.', { error: thrown });
    }
  }

  return {
    async current() {
      checking ??= check().finally(() => {
        checking = undefined;
      });
      await checking;
      return options;
    },
  };
}

/** Changes when one of the files does, or comes, or goes. */
async function stampOf(paths: readonly string[]): Promise<string> {
  const stamps = paths.map((path) =>
    stat(path).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs}/${size}/${ino}`,
      () => 'none',
    ),
  );
  return (await Promise.all(stamps)).join();
}

async function read({ key, certificate, ca }: TlsFiles, profile: TlsProfile): Promise<SecureContextOptions> {
  if ((key === undefined) !== (certificate === undefined)) {
    throw new CausewayError(
      'configuration-invalid',
      'dimseTlsKey and dimseTlsCertificate go together; one is not set.',
    );
  }
  const options: SecureContextOptions = {
    ...tlsProfileOptions(profile),
    ...(key === undefined ? {} : { key: await content('dimseTlsKey', key) }),
    ...(certificate === undefined ? {} : { cert: await content('dimseTlsCertificate', certificate) }),
    ...(ca === undefined ? {} : { ca: await content('dimseTlsCa', ca) }),
  };
  try {
    createSecureContext(options);
    checkAuthorities(options.ca);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const message = `The files of dimseTlsKey, dimseTlsCertificate and dimseTlsCa cannot be used: ${why}.`;
    throw new CausewayError('configuration-invalid', message, { cause: thrown });
  }
  return options;
}

/** OpenSSL passes over what it cannot read. */
function checkAuthorities(ca: SecureContextOptions['ca']): void {
  if (ca === undefined) return;
  const certificates = String(ca).match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  if (certificates === null) throw new Error('there is no certificate in dimseTlsCa');
  for (const certificate of certificates) new X509Certificate(certificate);
}

async function content(setting: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (thrown) {
    throw new CausewayError('configuration-invalid', `${setting}: the file ${path} cannot be read.`, { cause: thrown });
  }
}
