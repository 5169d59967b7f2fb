import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../../src/kernel/create-log.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import type { Log } from '../../../src/kernel/log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** What one line of the log says, read back. */
function lineOf(write: (log: Log) => void): Record<string, unknown> {
  const written: string[] = [];
  const keep = (text: string | Uint8Array) => written.push(String(text)) > 0;
  // Test runners put a stream of their own behind the console; the log takes whichever is there.
  const { _stderr: behindConsole = process.stderr } = console as { _stderr?: NodeJS.WriteStream };
  vi.spyOn(behindConsole, 'write').mockImplementation(keep);
  write(createLog('debug'));
  return JSON.parse(written.join('')) as Record<string, unknown>;
}

describe('the log', () => {
  it('says of an error what it is, where it comes from and what lies behind it', () => {
    const cause = new TypeError('the root of it');
    const error = new CausewayError('internal', 'Causeway failed unexpectedly.', { cause });
    const line = lineOf((log) => log.child({ association: 'a' }).error('An association failed.', { error }));
    expect(line).toMatchObject({ level: 'error', message: 'An association failed.', association: 'a' });
    expect(line['error']).toContain('Causeway failed unexpectedly.');
    expect(line['error']).toContain('TypeError: the root of it');
    expect(line['error']).toContain('log.test.ts');
  });

  it('does not so much as look at what nobody wants to read', () => {
    const toJSON = vi.fn(() => 'read');
    const log = createLog('warn').child({ association: 'a' });
    log.info('An association was accepted.', { contexts: { toJSON } });
    log.debug('A connection was closed.', { contexts: { toJSON } });
    expect(toJSON).not.toHaveBeenCalled();
    expect(lineOf((heard) => heard.child({ association: 'a' }).info('Heard.', { contexts: { toJSON } }))).toMatchObject(
      {
        contexts: 'read',
      },
    );
  });
});
