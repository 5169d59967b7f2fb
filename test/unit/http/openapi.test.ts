import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import express from 'express';
import * as openApiValidator from 'express-openapi-validator';
import { describe, expect, it } from 'vitest';

const home = resolve(import.meta.dirname, '../../..');

describe('the OpenAPI document', () => {
  it('is valid', async () => {
    const app = express();
    app.use(...openApiValidator.middleware({ apiSpec: resolve(home, 'openapi/causeway.yaml'), validateApiSpec: true }));
    app.use((_request, response) => {
      response.end();
    });
    const server = app.listen(0);
    await new Promise((listening) => server.once('listening', listening));
    const { port } = server.address() as { port: number };
    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
    await new Promise((closed) => server.close(closed));
  });

  it('is what the committed types were generated from', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/generate.mjs', '--check'], {
      cwd: home,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });
});
