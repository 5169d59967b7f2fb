import { describe, expect, it } from 'vitest';
import { createApplicationEntity } from '../../../src/library/application-entity.ts';

describe('an application entity', () => {
  it('does not listen by TLS with files that cannot be used, and looks at them anew', async () => {
    const tls = { key: '/nowhere/key.pem', certificate: '/nowhere/certificate.pem' };
    const server = createApplicationEntity({ aeTitle: 'SERVER', tls });
    for (let tried = 0; tried < 2; tried++) {
      const listening = server.listen(0, { host: '127.0.0.1', tls: { port: 0 } });
      await expect(listening).rejects.toMatchObject({ code: 'configuration-invalid' });
    }
    await server.close();
  });
});
