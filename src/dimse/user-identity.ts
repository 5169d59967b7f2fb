import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { fitsPasscode, hashPasscode, isPasscodeHash } from '../kernel/passcode.ts';
import type { UserIdentity } from './association/associate-request.ts';

/** Whether a user identity is of no consequence, must be right where there is one, or must be there and right. */
export const userIdentityChecks = ['ignored', 'checked', 'required'] as const;
export type UserIdentityChecks = (typeof userIdentityChecks)[number];

/** Somebody who may open associations. */
export interface DimseUser {
  readonly name: string;
  /** As `hashPasscode` made it; undefined: the name alone will do. */
  readonly passcodeHash: string | undefined;
}

/** Types of user identities. PS3.7 table D.3-14. */
export const identityType = { userName: 1, userNameAndPasscode: 2, kerberos: 3, saml: 4, jsonWebToken: 5 } as const;

const typeNames: Readonly<Record<number, string>> = {
  1: 'user name',
  2: 'user name and passcode',
  3: 'Kerberos ticket',
  4: 'SAML assertion',
  5: 'JSON Web Token',
};

/** @param user known to be right, where that was checked @param refusal in words, for the log */
export type IdentityVerdict = { readonly user: string | undefined } | { readonly refusal: string };

export type CheckUserIdentity = (
  identity: UserIdentity | undefined,
  caller: { readonly callingAeTitle: string; readonly address: string },
) => Promise<IdentityVerdict>;

/** Reads `name=hash` or `name`. @returns undefined for what is none */
export function parseDimseUser(text: string): DimseUser | undefined {
  const [name = '', ...rest] = text.split('=');
  const passcodeHash = rest.length === 0 ? undefined : rest.join('=');
  if (name.trim() === '' || name.length > 64) return undefined;
  return passcodeHash === undefined || isPasscodeHash(passcodeHash) ? { name, passcodeHash } : undefined;
}

export function userIdentityTypeInWords(type: number): string {
  return typeNames[type] ?? `type ${type}, which the Standard does not know`;
}

/**
 * Checks user names and passcodes. Whether a user is known cannot be told from how long it takes. One passcode at a time is
 * hashed, as that takes a thread which files are read with; what was right once is known again without.
 * Tickets, assertions and tokens are of other services and cannot be checked here.
 * @see PS3.7 §D.3.3.7
 */
export function createUserIdentityCheck(
  checks: 'checked' | 'required',
  users: readonly DimseUser[],
): CheckUserIdentity {
  const known = new Map(users.map((user) => [user.name, user]));
  const secret = randomBytes(32);
  const right = new Map<string, Buffer>();
  let last: Promise<unknown> = Promise.resolve();
  const ofNobody = hashPasscode(randomBytes(16));

  async function isRight(user: DimseUser | undefined, passcode: Buffer): Promise<boolean> {
    const digest = createHmac('sha256', secret).update(passcode).digest();
    const before = user === undefined ? undefined : right.get(user.name);
    if (before !== undefined && timingSafeEqual(before, digest)) return true;
    const checking = last.then(async () => fitsPasscode(passcode, user?.passcodeHash ?? (await ofNobody)));
    last = checking.catch(() => undefined);
    const fits = (await checking) && user?.passcodeHash !== undefined;
    if (fits) right.set(user.name, digest);
    return fits;
  }

  return async (identity) => {
    if (identity === undefined) {
      return checks === 'required'
        ? { refusal: 'There is no user identity (dimseUserIdentity=required).' }
        : { user: undefined };
    }
    const user = known.get(identity.primary.toString('utf8'));
    if (identity.type === identityType.userName) {
      if (user === undefined) return { refusal: 'The user is not among those of dimseUsers.' };
      if (user.passcodeHash === undefined) return { user: user.name };
      return { refusal: `User ${user.name} gives no passcode.` };
    }
    if (identity.type !== identityType.userNameAndPasscode) {
      return { refusal: `The user identity cannot be checked: ${userIdentityTypeInWords(identity.type)}.` };
    }
    if (await isRight(user, identity.secondary)) return { user: user?.name };
    return {
      refusal:
        user === undefined
          ? 'The user is not among those of dimseUsers.'
          : `The passcode of user ${user.name} is wrong.`,
    };
  };
}
