// `--protocol`, `--http1` and `--get` of the command line: which of them go together, and what is said of what is spoken.

import { expect } from 'chai';
import { runInProcess } from './in-process.ts';

describe('--protocol', () => {
  const wrong: readonly (readonly [words: string, said: string])[] = [
    ['--http1', 'gRPC needs HTTP/2: leave --http1 out, or add --protocol grpc-web or --protocol connect'],
    [
      '--http1 --protocol connect --keepalive 10s',
      '--keepalive sends PINGs, which HTTP/1.1 does not have: leave out --keepalive or --http1',
    ],
    ['--get', '--get needs --protocol connect, not grpc'],
    ['--get --protocol grpc-web', '--get needs --protocol connect, not grpc-web'],
  ];
  for (const [words, said] of wrong) {
    it(`makes a wrong line of ${words}`, async () => {
      const { status, stderr } = await runInProcess(['list', 'localhost:1', ...words.split(' ')]);
      expect(stderr).to.equal(`stubless: ${said}\n`);
      expect(status).to.equal(2);
    });
  }
});
