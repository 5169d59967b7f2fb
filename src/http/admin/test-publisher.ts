import type { ConnectionToTest, TestConnection } from '../../publisher/test-connection.ts';
import type { Operation } from '../exchange.ts';
import type { components } from '../openapi.gen.ts';

type Described = components['schemas']['ConnectionTest'];

/** That a destination does not answer is an answer: whoever asks wants to know why. */
export function testPublisher(test: TestConnection): Operation {
  return async ({ request, response, log }) => {
    const ended = new AbortController();
    // Nobody waits for it any more.
    response.once('close', () => ended.abort());
    const { ok, steps } = await test(request.body as ConnectionToTest, ended.signal, log);
    response.json({ ok, steps: [...steps] } satisfies Described);
  };
}
