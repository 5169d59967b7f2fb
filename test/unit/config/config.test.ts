import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configurationReference } from '../../../scripts/configuration-reference.ts';
import { describeSettings, loadSettings } from '../../../src/config.ts';

describe('settings', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'causeway-config-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const write = (content: string) => writeFileSync(join(dir, 'causeway.config.json'), content);

  it('have defaults that let a modality in and keep the web on this machine', () => {
    expect(loadSettings({}, dir)).toMatchObject({
      dataDir: join(dir, 'data'),
      httpHost: '127.0.0.1',
      httpPort: 8080,
      dimseHost: '0.0.0.0',
      dimsePort: 5252,
      aeTitle: 'CAUSEWAY',
    });
  });

  it('come from the file, and the environment goes before the file', () => {
    write('{"httpPort": 9000, "aeTitle": "FILE"}');
    const settings = loadSettings({ CAUSEWAY_AE_TITLE: 'ENV' }, dir);
    expect(settings).toMatchObject({ httpPort: 9000, aeTitle: 'ENV' });
  });

  it('treat an empty variable as not set', () => {
    expect(loadSettings({ CAUSEWAY_HTTP_PORT: '' }, dir).httpPort).toBe(8080);
  });

  it.each([
    ['CAUSEWAY_HTTP_PORT', '80800', 'a whole number from 0 to 65535'],
    ['CAUSEWAY_HTTP_PORT', '8o80', 'a whole number from 0 to 65535'],
    ['CAUSEWAY_AE_TITLE', 'SEVENTEEN_LETTERS', '1 to 16 printable'],
    ['CAUSEWAY_AE_TITLE', 'A\\B', '1 to 16 printable'],
    ['CAUSEWAY_LOG_LEVEL', 'loud', 'error, warn, info, debug'],
    ['CAUSEWAY_PUBLIC_URL', 'example.org', 'http or https URL'],
    ['CAUSEWAY_STRICT_AE_TITLE', 'yes', 'true or false'],
    ['CAUSEWAY_STORAGE_SOP_CLASSES', '1.2,abc', 'a list of UIDs'],
    ['CAUSEWAY_ON_DIFFERENT_CONTENT_OF', 'dimse:CT1=overwrite', 'a list of sources and policies'],
    ['CAUSEWAY_ON_DIFFERENT_CONTENT_OF', 'fax=keep', 'a list of sources and policies'],
    ['DATABASE_URL', 'mysql://db', 'postgres://'],
  ])('refuse %s=%s and say what is allowed', (name, value, allowed) => {
    const load = () => loadSettings({ [name]: value }, dir);
    expect(load).toThrow(name);
    expect(load).toThrow(allowed);
  });

  it('take peers of the file as objects, with all that can be said of one', () => {
    const peer = {
      aeTitle: 'PACS1',
      host: 'pacs.example',
      port: 2762,
      tls: true,
      userIdentity: { userName: 'me', passcode: 'hunter2' },
      transferSyntaxes: ['1.2.840.10008.1.2.1'],
      characterSets: ['ISO_IR 100', '\\ISO 2022 IR 87'],
      may: ['store'],
      retrieveBy: 'move',
    };
    write(JSON.stringify({ peers: ['WORK1@10.0.0.5', peer] }));
    const [first, second] = loadSettings({}, dir).peers;
    expect(first).toMatchObject({ aeTitle: 'WORK1', may: ['query', 'retrieve', 'store'], user: undefined });
    expect(second).toEqual({
      aeTitle: 'PACS1',
      host: 'pacs.example',
      port: 2762,
      tls: { checkHostName: true },
      callingAeTitle: undefined,
      user: { name: 'me', passcode: 'hunter2' },
      may: ['store'],
      transferSyntaxUids: ['1.2.840.10008.1.2.1'],
      characterSets: ['ISO_IR 100', '\\ISO 2022 IR 87'],
      onDifferentContent: undefined,
      retrieveBy: 'move',
      maxAssociations: 4,
    });
    for (const wrong of [
      { colour: 'red' },
      { port: '104' },
      { tls: { check: true } },
      { may: ['erase'] },
      { host: 7 },
      { characterSets: ['latin1'] },
      { characterSets: ['ISO_IR 100\\ISO_IR 144'] },
      { characterSets: ['ISO 2022 IR 87'] },
    ]) {
      write(JSON.stringify({ peers: [{ ...peer, ...wrong }] }));
      expect(() => loadSettings({}, dir), JSON.stringify(wrong)).toThrow('it must be a list of AETITLE@host');
      expect(() => loadSettings({}, dir)).not.toThrow('hunter2');
    }
  });

  it('never repeat a secret in the refusal', () => {
    expect(() => loadSettings({ DATABASE_URL: 'mysql://me:hunter2@db' }, dir)).not.toThrow('hunter2');
  });

  it('refuse a name that does not exist, with the one that was meant', () => {
    expect(() => loadSettings({ CAUSEWAY_HTTPPORT: '1' }, dir)).toThrow('did you mean CAUSEWAY_HTTP_PORT?');
    write('{"httpport": 1}');
    expect(() => loadSettings({}, dir)).toThrow('did you mean httpPort?');
  });

  it.each(['{', '[]', '"x"'])('refuse a file that is not one JSON object: %s', (content) => {
    write(content);
    expect(() => loadSettings({}, dir)).toThrow('causeway.config.json');
  });

  it('refuse a file named by CAUSEWAY_CONFIG that is not there', () => {
    expect(() => loadSettings({ CAUSEWAY_CONFIG: 'other.json' }, dir)).toThrow('other.json');
  });

  it('accept every default by its own rule', () => {
    for (const { env, default: value } of describeSettings()) {
      if (value === undefined) continue;
      const written = Array.isArray(value) ? value.join(',') : String(value);
      expect(() => loadSettings({ [env]: written }, dir), env).not.toThrow();
    }
  });

  it('are all in the configuration reference, as npm run generate writes it', () => {
    expect(readFileSync('docs/configuration.md', 'utf8')).toBe(configurationReference());
  });
});
