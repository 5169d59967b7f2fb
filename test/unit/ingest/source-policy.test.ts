import { describe, expect, it } from 'vitest';
import type { InstanceSource } from '../../../src/ingest/ingest.ts';
import { parseSourcePolicy, policyOf } from '../../../src/ingest/source-policy.ts';

const policies = ['stow=keep', 'dimse:CT 1=replace', 'stow:10.0.0.5=replace', 'stow:fe80::1=reject', 'dimse:A=B=keep']
  .map(parseSourcePolicy)
  .filter((policy) => policy !== undefined);

describe('the policy of a source', () => {
  it.each<[string, Partial<InstanceSource>, string]>([
    ['is that of its calling AE title', { door: 'dimse', callingAeTitle: 'CT 1' }, 'replace'],
    ['is that of an AE title with an equals sign', { door: 'dimse', callingAeTitle: 'A=B' }, 'keep'],
    [
      'is that of the house where neither caller nor door is named',
      { door: 'dimse', callingAeTitle: 'ct 1' },
      'reject',
    ],
    ['does not follow an AE title from its address', { door: 'dimse', address: '10.0.0.5' }, 'reject'],
    ['is that of its address', { door: 'stow', address: '10.0.0.5' }, 'replace'],
    ['is that of its address, be it written as IPv6', { door: 'stow', address: '::ffff:10.0.0.5' }, 'replace'],
    ['is that of its IPv6 address', { door: 'stow', address: 'fe80::1' }, 'reject'],
    ['is that of its door where the sender is not named', { door: 'stow', address: '10.0.0.55' }, 'keep'],
    ['is that of the house at another door', { door: 'import' }, 'reject'],
  ])('%s', (_what, source, expected) => {
    expect(policyOf({ door: 'import', id: '1', ...source }, policies, 'reject')).toBe(expected);
  });

  it.each([
    '',
    'stow',
    'stow:=keep',
    'fax=keep',
    'stow:10.0.0.5=',
    'import:/data=keep',
    'dimse:CT1=Keep',
    'dimse: A=keep',
  ])('is not written %j', (text) => {
    expect(parseSourcePolicy(text)).toBeUndefined();
  });
});
