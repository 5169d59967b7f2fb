import { describe, expect, it } from 'vitest';
import { editedPeer, peerProperties, withPasscodeOfUser } from '../../../src/ui/config/edited-peer.ts';

const peer = {
  aeTitle: 'PACS',
  host: 'pacs',
  port: 104,
  may: [],
  transferSyntaxes: [],
  retrieveBy: 'auto',
  maxAssociations: 1,
  origin: 'api',
  userIdentity: { userName: 'alice', passcodeIsSet: true },
} as const;

const sentFor = (userIdentity: object | undefined, hadPasscode = true) => {
  const edited = { ...editedPeer({ ...peer, may: [], transferSyntaxes: [] }), userIdentity } as never;
  return peerProperties(edited, hadPasscode).userIdentity;
};

describe('the form of a peer', () => {
  it('shows of a passcode that it is set, and sends none for one that stays', () => {
    const edited = editedPeer({ ...peer, may: [], transferSyntaxes: [] });
    expect(edited.userIdentity).toEqual({ userName: 'alice', passcode: { set: true } });
    expect(peerProperties(edited, true)).toEqual({
      host: 'pacs',
      port: 104,
      may: [],
      transferSyntaxes: [],
      retrieveBy: 'auto',
      maxAssociations: 1,
      userIdentity: { userName: 'alice' },
    });
  });

  it.each([
    ['a new one', { userName: 'alice', passcode: 'new' }, true, { userName: 'alice', passcode: 'new' }],
    ['none, and says so, where one is removed', { userName: 'alice' }, true, { userName: 'alice', passcode: '' }],
    ['none where there was none', { userName: 'alice' }, false, { userName: 'alice' }],
    ['nobody where the user is removed', { passcode: { set: true } }, true, undefined],
    ['a passcode without a user, which is refused', { passcode: 'new' }, false, { passcode: 'new' }],
    ['nobody where nobody was named', undefined, false, undefined],
  ])('sends %s', (_, given, hadPasscode, sent) => {
    expect(sentFor(given, hadPasscode)).toEqual(sent);
  });

  it('shows no passcode beside the name of another user, and that of its user again', () => {
    const stored = { ...peer, may: [], transferSyntaxes: [] } as never;
    const before = editedPeer(stored);
    const named = (userName: string, passcode?: string | { readonly set: true }) => ({
      ...before,
      userIdentity: { userName, ...(passcode !== undefined && { passcode }) },
    });
    const renamed = withPasscodeOfUser(named('bob', { set: true }), before, stored);
    expect(renamed.userIdentity).toEqual({ userName: 'bob' });
    expect(peerProperties(renamed, true).userIdentity).toEqual({ userName: 'bob', passcode: '' });
    expect(withPasscodeOfUser(named('alice'), renamed, stored)).toEqual(before);
    expect(withPasscodeOfUser(named('bob', 'new'), before, stored)).toEqual(named('bob', 'new'));
    // What was typed over it was taken back.
    expect(withPasscodeOfUser(named('alice'), named('alice', 'n'), stored)).toEqual(before);
    expect(withPasscodeOfUser(named('bob'), named('bob', 'n'), stored)).toEqual(named('bob'));
    // Somebody has removed it.
    expect(withPasscodeOfUser(named('alice'), before, stored)).toEqual(named('alice'));
  });
});
