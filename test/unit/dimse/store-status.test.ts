import { describe, expect, it } from 'vitest';
import { errorComment } from '../../../src/dimse/command/status.ts';
import { storeResponse } from '../../../src/dimse/scp/store-status.ts';
import type { InstanceOutcome, StoreWarning } from '../../../src/ingest/ingest.ts';
import type { ErrorCode } from '../../../src/kernel/errors.ts';
import { stored } from '../../support/dimse-server.ts';

function refused(code: ErrorCode, message = 'Because.', tag?: string): InstanceOutcome {
  return { status: 'refused', code, message, details: tag === undefined ? {} : { tag } };
}

function kept(status: 'stored' | 'duplicate' | 'replaced' | 'kept', warnings: readonly StoreWarning[] = []) {
  return storeResponse({ ...stored(), status, warnings } as InstanceOutcome);
}

describe('C-STORE status', () => {
  it.each([
    ['storage-full', 0xa700],
    ['limit-exceeded', 0xa700],
    ['unavailable', 0xa700],
    ['data-set-mismatch', 0xa900],
    ['malformed', 0xc000],
    ['truncated', 0xc000],
    ['attribute-missing', 0xc000],
    ['transfer-syntax-unsupported', 0xc122],
    ['sop-class-unsupported', 0x0122],
    ['duplicate-differs', 0x0111],
    ['internal', 0x0110],
  ] as const)('of %s is %i', (code, status) => {
    expect(storeResponse(refused(code))).toEqual({ status, errorComment: 'Because.' });
  });

  it('of an identical duplicate is success, and so is one that was replaced', () => {
    expect(kept('stored')).toEqual({ status: 0 });
    expect(kept('duplicate')).toEqual({ status: 0 });
    expect(kept('replaced')).toEqual({ status: 0 });
  });

  it('of other content that is kept is a warning, as nothing of the instance is stored', () => {
    const discarded = { status: 0xb006, errorComment: 'Not stored: other content under this UID is kept.' };
    expect(errorComment(discarded.errorComment)).toBe(discarded.errorComment);
    expect(kept('kept')).toEqual(discarded);
    expect(kept('kept', [{ reason: 0xb007, message: 'First.' }])).toEqual(discarded);
  });

  it('of a warning is its reason, the first of several', () => {
    const warnings: StoreWarning[] = [
      { reason: 0xb007, tag: '00080016', message: 'First.' },
      { reason: 0xb000, message: 'Second.' },
    ];
    expect(kept('stored', warnings)).toEqual({
      status: 0xb007,
      errorComment: 'First.',
      offendingElement: ['00080016'],
    });
  });

  it('names no offending element where the details hold none', () => {
    expect(storeResponse(refused('malformed', 'x', 'not a tag'))).not.toHaveProperty('offendingElement');
  });
});

describe('Error Comment', () => {
  it('is at most 64 characters of the default repertoire, without a backslash', () => {
    const comment = errorComment(`Größe \\ ${'x'.repeat(100)}`);
    expect(comment).toBe(`Gr??e ? ${'x'.repeat(53)}...`);
    expect(comment).toHaveLength(64);
  });
});
