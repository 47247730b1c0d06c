// How many warnings an outage is worth: calls that fail and that nobody awaits, one more than the limit. In a process of
// its own, since the limit is the process's.

import { expect } from 'chai';
import { runModule } from '../support/program.ts';

const LIMIT = 100;

describe('Warnings of calls that failed and nobody awaited', () => {
  for (const calls of [LIMIT, LIMIT + 1]) {
    it(`are at most ${LIMIT} of a process, of ${calls} calls`, async () => {
      const { stderr, status } = await runModule(`
        import { Client } from ${JSON.stringify(new URL('../../lib/index.js', import.meta.url).href)};
        let count = 0;
        process.on('warning', ({ code }) => { if (code === 'STUBLESS_UNOBSERVED_CALL') count++; });
        const client = new Client('unix:/nonexistent/stubless');
        await client.load('protos/helloworld.proto');
        for (let i = 0; i < ${calls}; i++) client.request('SayHello');
        await client.request('SayHello').status;
        await client.close();
        setImmediate(() => setImmediate(() => setImmediate(() => console.error('count', count))));
      `);
      expect(status).to.equal(0);
      expect(stderr).to.match(new RegExp(`count ${LIMIT}\\n`));
      expect(stderr).to.include(`(the last of ${LIMIT} such warnings;`);
    });
  }
});
