import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CertificateFiles {
  readonly key: string;
  readonly certificate: string;
}

/** Certificates made by openssl for one test file, in a folder of their own. */
export interface TestCertificates {
  readonly folder: string;
  readonly ca: string;
  /** An authority that nobody knows. */
  readonly otherCa: string;
  /** For localhost and 127.0.0.1. */
  readonly server: CertificateFiles;
  readonly client: CertificateFiles;
  readonly expired: CertificateFiles;
  /** Issued by `otherCa`. */
  readonly stranger: CertificateFiles;
  /** For another host than this. */
  readonly elsewhere: CertificateFiles;
  /** Issues one more, named by `name`. */
  issue(name: string, options?: { by?: 'ca' | 'other'; host?: string; days?: number }): CertificateFiles;
}

function openssl(folder: string, ...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
}

export function createCertificates(): TestCertificates {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-tls-'));
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  for (const authority of ['ca', 'other']) {
    const subject = ['-days', '2', '-subj', `/CN=Test authority ${authority}`];
    openssl(folder, 'req', '-x509', ...newKey, '-keyout', `${authority}.key`, '-out', `${authority}.pem`, ...subject);
  }
  const issue: TestCertificates['issue'] = (
    name,
    { by = 'ca', host = 'DNS:localhost,IP:127.0.0.1', days = 2 } = {},
  ) => {
    const extensions = ['-addext', `subjectAltName=${host}`];
    openssl(
      folder,
      'req',
      ...newKey,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
      ...extensions,
    );
    const signing = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial', '-copy_extensions', 'copy'];
    openssl(folder, 'x509', '-req', '-in', `${name}.csr`, ...signing, '-days', String(days), '-out', `${name}.pem`);
    return { key: join(folder, `${name}.key`), certificate: join(folder, `${name}.pem`) };
  };
  return {
    folder,
    ca: join(folder, 'ca.pem'),
    otherCa: join(folder, 'other.pem'),
    server: issue('server'),
    client: issue('MODALITY1'),
    expired: issue('expired', { days: -1 }),
    stranger: issue('stranger', { by: 'other' }),
    elsewhere: issue('elsewhere', { host: 'DNS:pacs.example' }),
    issue,
  };
}
