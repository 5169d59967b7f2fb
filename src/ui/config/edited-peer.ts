import type { Schemas } from '../api.ts';

type Peer = Schemas['Peer'];
type Properties = Schemas['PeerProperties'];

/** A peer as the fields of a form write it: of a passcode that is there, only that it is. */
export type EditedPeer = Partial<Omit<Properties, 'userIdentity'>> & {
  readonly aeTitle?: string;
  readonly userIdentity?: { readonly userName?: string; readonly passcode?: string | { readonly set: true } };
};

const newPeer: EditedPeer = { port: 104, may: ['query', 'retrieve', 'store'] };

export function editedPeer(peer: Peer | undefined): EditedPeer {
  if (peer === undefined) return newPeer;
  const { origin: _, userIdentity, ...properties } = peer;
  if (userIdentity === undefined) return properties;
  const { userName, passcodeIsSet } = userIdentity;
  return { ...properties, userIdentity: { userName, ...(passcodeIsSet && { passcode: { set: true } as const }) } };
}

/**
 * The peer after a change of its fields: the passcode that is there is that of the user that is there, and is shown as not set
 * beside the name of another.
 */
export function withPasscodeOfUser(changed: EditedPeer, before: EditedPeer, peer: Peer | undefined): EditedPeer {
  const own = peer?.userIdentity;
  const { passcode, ...identity } = changed.userIdentity ?? {};
  if (own?.passcodeIsSet !== true) return changed;
  if (before.userIdentity?.userName === identity.userName) {
    // What was typed over it was taken back, which removes nothing: that is what the button is for.
    const isTakenBack = typeof before.userIdentity?.passcode === 'string' && passcode === undefined;
    return isTakenBack && identity.userName === own.userName ? withItsPasscode(changed) : changed;
  }
  if (identity.userName !== own.userName) {
    return typeof passcode === 'object' ? { ...changed, userIdentity: identity } : changed;
  }
  return passcode === undefined ? withItsPasscode(changed) : changed;
}

function withItsPasscode(peer: EditedPeer): EditedPeer {
  return { ...peer, userIdentity: { ...peer.userIdentity, passcode: { set: true } } };
}

/**
 * What is sent for it: a passcode that stays is left out, and one that was removed is empty, as one that is left out would stay.
 * @param hadPasscode whether there was one before
 */
export function peerProperties(edited: EditedPeer, hadPasscode: boolean): Partial<Properties> {
  const { aeTitle: _, userIdentity: { userName, passcode } = {}, ...properties } = edited;
  // Without a user there is nothing to be known by; what was typed beside it is a fault.
  if (userName === undefined && typeof passcode !== 'string') return properties;
  const given =
    typeof passcode === 'object' ? {} : passcode !== undefined ? { passcode } : hadPasscode ? { passcode: '' } : {};
  return { ...properties, userIdentity: { ...(userName !== undefined && { userName }), ...given } as never };
}
