// This project's client under load, as it is built for users, with the defaults of its README.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runLoad } from './load.ts';

const PROTO = `
  syntax = "proto3";
  package proxies;
  message Id { string id = 1; }
  service Echo {
    rpc Once(Id) returns (Id);
    rpc Watch(stream Id) returns (stream Id);
  }
`;

const built = pathToFileURL(join(process.cwd(), 'dist', 'index.js')).href;
const { Client, RpcError } = (await import(built)) as typeof import('../../../../lib/index.ts');

await runLoad(async ({ target, timeoutMs, waitForReady, ca, options }) => {
  const client = new Client(target, {
    reflection: 'never',
    waitForReady,
    tls: ca === undefined ? false : { ca: readFileSync(ca) },
    ...options,
  });
  await client.load(PROTO);
  return {
    async unary(id) {
      const reply = await client.request('Once', { id }, { timeoutMs });
      if (reply['id'] !== id) throw new Error('another reply');
    },
    async stream(id, messages, pause) {
      await using call = client.open('Watch', { timeoutMs });
      for (let index = 0; index < messages; index++) {
        await call.write({ id });
        const reply = await call.read();
        if (reply === undefined) throw new Error('the stream ended early');
        if (reply['id'] !== id) throw new Error('another reply');
        await pause();
      }
      await call.end();
      if ((await call.read()) !== undefined) throw new Error('a reply too many');
    },
    failureText: (error) => (RpcError.is(error) ? error.message : String(error)),
  };
});
