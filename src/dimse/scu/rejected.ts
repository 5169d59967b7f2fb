import { CausewayError } from '../../kernel/errors.ts';

/** Reasons of A-ASSOCIATE-RJ by source. PS3.8 table 9-21. */
const reasons: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  1: {
    1: 'no reason given',
    2: 'the application context is not supported',
    3: 'our AE title is not recognized; it has to be made known there',
    7: 'its AE title is another than the one that was called',
  },
  2: {
    1: 'no reason given; so are users rejected that it does not let in',
    2: 'the protocol version is not supported',
  },
  3: { 1: 'temporary congestion', 2: 'its limit of associations is reached' },
};

/** @param body variable field of an A-ASSOCIATE-RJ @returns `unavailable`; `details.transient` where calling again may help */
export function rejected(body: Buffer): CausewayError {
  const [, result = 0, source = 0, reason = 0] = body;
  const why = reasons[source]?.[reason] ?? 'a reason that the Standard does not know';
  const how = result === 2 ? 'for the moment' : 'permanently';
  const message = `The peer rejects associations ${how}: ${why} (A-ASSOCIATE-RJ ${result}/${source}/${reason}).`;
  return new CausewayError('unavailable', message, { details: { transient: result === 2 } });
}
