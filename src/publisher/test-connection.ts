import { type BodyError, CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Configuration, Publisher } from './configuration.ts';
import type { Configurations } from './configurations.ts';
import type { ConnectionTest, Destination } from './destination.ts';

/**
 * What is to be tested, valid by the OpenAPI document: secrets may be `{"set": true}` for those of the publisher or endpoint
 * of that name, and what has a default may be left out.
 */
export interface ConnectionToTest {
  /** Name of a configured publisher. */
  readonly publisher?: string;
  /** Instead of that of the publisher. */
  readonly destination?: object;
  /** Instead of the configured one of its name; tested itself where there is nothing else to test. */
  readonly endpoint?: { readonly name: string };
}

/**
 * Tests whether a destination would take what is sent to it.
 * @throws CausewayError `not-found` for a publisher that is not there, `bad-request` for settings that cannot be
 */
export type TestConnection = (asked: ConnectionToTest, signal: AbortSignal, log: Log) => Promise<ConnectionTest>;

export interface TestConnectionParts {
  readonly configurations: Pick<Configurations, 'document' | 'draft'>;
  /** With limits for somebody who waits for it. */
  readonly open: (publisher: Publisher, configuration: Configuration) => Destination;
}

/** As far as it is looked into here. */
interface Document {
  readonly api?: readonly { readonly name: string }[];
  readonly publishers?: readonly { readonly name: string; readonly destination: object }[];
}

/** Of a publisher that nobody has given a name yet; none that is configured can have it. */
const nameless = '?';

export function createTestConnection({ configurations, open }: TestConnectionParts): TestConnection {
  return async (asked, signal, log) => {
    const { configuration: current } = await configurations.document();
    const draft = draftOf(asked, (current ?? {}) as Document);
    const configuration = await configurations.draft(draft).catch((thrown: unknown) => {
      throw aboutRequest(thrown, draft.api.length);
    });
    const destination = open(configuration.publishers[0]!, configuration);
    try {
      return await destination.test({ signal, log, throttle: async () => {} });
    } finally {
      await destination.close();
    }
  };
}

/** A configuration of nothing but what is tested, whose secrets are those of the current one. */
function draftOf({ publisher: name, destination, endpoint }: ConnectionToTest, current: Document) {
  const publisher = current.publishers?.find((one) => one.name === name);
  const tested = destination ?? publisher?.destination ?? (endpoint && { kind: 'api', endpoint: endpoint.name });
  if (name !== undefined && publisher === undefined && destination === undefined) {
    throw new CausewayError('not-found', `There is no publisher ${name}.`);
  }
  if (tested === undefined) {
    throw new CausewayError('bad-request', 'The request names nothing to test: publisher, destination or endpoint.');
  }
  const others = (current.api ?? []).filter((one) => one.name !== endpoint?.name);
  return {
    api: [...(endpoint === undefined ? [] : [endpoint]), ...others],
    publishers: [{ name: name ?? nameless, destination: tested }],
  };
}

/** The places of problems, in the request as opposed to the draft. */
function aboutRequest(thrown: unknown, endpoints: number): unknown {
  if (!(thrown instanceof CausewayError)) return thrown;
  const { errors } = thrown.details as { readonly errors?: readonly BodyError[] };
  const [first] = errors ?? [];
  if (errors === undefined || first === undefined) return thrown;
  const moved = errors.map((one) => ({
    ...one,
    path: one.path
      .replace('/publishers/0/destination', '/destination')
      .replace(endpoints > 0 ? '/api/0' : '?', '/endpoint'),
  }));
  const message = `${moved[0]!.path}: ${first.message}`;
  return new CausewayError('bad-request', message, {
    details: { parameter: moved[0]!.path, errors: moved },
    cause: thrown,
  });
}
