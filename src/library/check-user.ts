import { type CheckUserIdentity, identityType } from '../dimse/user-identity.ts';
import { asCausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { type Caller, callerOf } from './incoming-instance.ts';

/** Who a caller says that it is. PS3.7 §D.3.3.7 */
export type CallingUser =
  | { readonly kind: 'user-name'; readonly name: string }
  | { readonly kind: 'user-name-and-passcode'; readonly name: string; readonly passcode: string }
  /** `token`: as it came. @see PS3.7 table D.3-14 */
  | { readonly kind: 'kerberos' | 'saml' | 'json-web-token'; readonly token: Uint8Array };

/**
 * Lets callers in, or does not. @param user undefined where the caller gives no identity, or one of a kind that the Standard
 * does not know
 * @returns the name of who it is (true: the one that was given), false to reject the association. A caller that asks for it is told
 * that its identity is right.
 */
export type CheckUser = (user: CallingUser | undefined, caller: Caller) => boolean | string | Promise<boolean | string>;

const tokens = {
  [identityType.kerberos]: 'kerberos',
  [identityType.saml]: 'saml',
  [identityType.jsonWebToken]: 'json-web-token',
} as const;

/** What throws lets nobody in. */
export function identityCheck(check: CheckUser, log: Log): CheckUserIdentity {
  return async (identity, caller) => {
    const user = identity && userOf(identity);
    try {
      const verdict = await check(user, callerOf(caller));
      if (verdict === true) return { user: user && ('name' in user ? user.name : user.kind) };
      if (typeof verdict === 'string' && verdict !== '') return { user: verdict };
    } catch (thrown) {
      log.error('A user identity could not be checked.', { reason: asCausewayError(thrown).message });
    }
    return { refusal: user === undefined ? 'There is no user identity that is known.' : 'The user is not let in.' };
  };
}

function userOf({ type, primary, secondary }: NonNullable<Parameters<CheckUserIdentity>[0]>): CallingUser | undefined {
  const name = primary.toString('utf8');
  if (type === identityType.userName) return { kind: 'user-name', name };
  if (type === identityType.userNameAndPasscode) {
    return { kind: 'user-name-and-passcode', name, passcode: secondary.toString('utf8') };
  }
  const kind = tokens[type as keyof typeof tokens];
  return kind && { kind, token: primary };
}
