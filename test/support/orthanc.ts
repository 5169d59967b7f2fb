import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

const program = '/usr/sbin/Orthanc';
const dicomWebPlugin = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';

export const hasOrthanc = existsSync(program) && existsSync(dicomWebPlugin);

/** Orthanc with its DICOMweb plugin, over a folder of its own. */
export interface Orthanc {
  /** A request to its REST interface; throws on anything but success, with what it said. */
  request(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Response>;
  /** Where it listens for DIMSE, if it does. */
  readonly dicomPort: number;
  stop(): Promise<void>;
}

/** How Orthanc is a DIMSE node, too. */
export interface OrthancDimse {
  readonly aeTitle: string;
  /** AE title, host and port of others by the name under which Orthanc knows them. */
  readonly modalities: Readonly<Record<string, readonly [string, string, number]>>;
  /** Further settings of its configuration. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** @param servers DICOMweb servers by the name under which Orthanc knows them, as its configuration has them */
export async function startOrthanc(
  servers: Readonly<Record<string, Readonly<Record<string, string>>>>,
  dimse?: OrthancDimse,
): Promise<Orthanc> {
  const dir = await mkdtemp(join(tmpdir(), 'causeway-orthanc-'));
  const [port, dicomPort] = await Promise.all([freePort(), freePort()]);
  const configuration = {
    StorageDirectory: join(dir, 'storage'),
    IndexDirectory: join(dir, 'index'),
    // It has nothing that is to outlive it.
    SyncStorageArea: false,
    HttpPort: port,
    DicomServerEnabled: dimse !== undefined,
    DicomPort: dicomPort,
    DicomAet: dimse?.aeTitle ?? 'ORTHANC',
    DicomModalities: dimse?.modalities ?? {},
    ...dimse?.settings,
    AuthenticationEnabled: false,
    RemoteAccessAllowed: false,
    Plugins: [dicomWebPlugin],
    DicomWeb: {
      Enable: true,
      Root: '/dicom-web/',
      Servers: servers,
    },
  };
  await writeFile(join(dir, 'orthanc.json'), JSON.stringify(configuration));
  const child = spawn(program, [join(dir, 'orthanc.json')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Its DCMTK would wait for acknowledgements otherwise, 40 ms at a time.
    env: { ...process.env, TCP_NODELAY: '1' },
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.once('close', (code) => reject(new Error(`Orthanc exited with ${code}: ${output}`)));
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Orthanc has started')) resolve();
    });
  });
  return {
    dicomPort,
    async request(method, path, body) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { body: body instanceof Uint8Array ? Uint8Array.from(body) : JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`Orthanc ${method} ${path}: ${response.status} ${await response.text()}`);
      return response;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
