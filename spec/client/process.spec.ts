// What keeps a process alive and what does not, where a connection is not there (spec/client/exit.spec.ts has the
// rest): while something of the user's is pending, what can settle it; then nothing of ours (docs/promises.md 9).

import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { closing } from '../support/closing.ts';
import { listen } from '../support/peers/peer.ts';
import { runShortLived } from '../support/program.ts';

const LIBRARY = pathToFileURL('dist/index.js').href;
/** Below every timeout of ours that could end the process by accident: 10 s a call, 20 s to connect. */
const SOON_MS = 5000;

const UNARY = "client.raw('/s/m', { cardinality: 'unary_unary' })";

interface Case {
  readonly name: string;
  /** What the server does with a socket; none listens where it is not given. */
  readonly server: 'silent' | 'hangs up' | 'none';
  readonly program: string;
  readonly stdout: RegExp;
}

const cases: readonly Case[] = [
  {
    name: 'a call that waits for SETTINGS keeps it alive, and after its deadline nothing does',
    server: 'silent',
    program: `console.log((await ${UNARY}(undefined, { timeoutMs: 200 }).status).codeName);`,
    stdout: /^DEADLINE_EXCEEDED\n$/,
  },
  {
    name: 'a call that waits for SETTINGS is pending though nobody awaits it',
    server: 'silent',
    program: `${UNARY}(undefined, { timeoutMs: 200 }).catch((error) => console.log(error.codeName));`,
    stdout: /^DEADLINE_EXCEEDED\n$/,
  },
  {
    name: 'a cancelled call leaves no connecting behind that is waited for',
    server: 'silent',
    program: `const call = ${UNARY}(); setTimeout(() => call.cancel(), 100); console.log((await call.status).codeName);`,
    stdout: /^CANCELLED\n$/,
  },
  {
    name: 'close() while connecting leaves nothing',
    server: 'silent',
    program: `const call = ${UNARY}(); await client.close({ graceMs: 50 }); console.log((await call.status).codeName);`,
    stdout: /^CANCELLED\n$/,
  },
  {
    name: 'a call that waits for ready lives through back-off until its deadline',
    server: 'hangs up',
    program: `console.log((await ${UNARY}(undefined, { waitForReady: true, timeoutMs: 300 }).status).codeName);`,
    stdout: /^DEADLINE_EXCEEDED\n$/,
  },
  {
    name: 'waitForReady lives through back-off until its timeout',
    server: 'hangs up',
    program: 'await client.waitForReady({ timeoutMs: 300 }).catch((error) => console.log(error.name));',
    stdout: /^TimeoutError\n$/,
  },
  {
    name: 'a failed call leaves no back-off behind that is waited for',
    server: 'none',
    program: `console.log((await ${UNARY}().status).codeName);`,
    stdout: /^UNAVAILABLE\n$/,
  },
  {
    name: 'failures that nobody looks at do not end it with an error',
    server: 'none',
    program: `for (let i = 0; i < 5; i++) { ${UNARY}(); client.request('Nowhere'); client.load('nowhere.proto'); const open = client.raw('/s/m', { cardinality: 'stream_stream' }).open(); open.write(new Uint8Array(9)); open.write(7); }`,
    stdout: /^$/,
  },
  {
    name: 'a load keeps it alive until it is done',
    server: 'none',
    program: "client.load('protos/helloworld.proto').then(() => console.log(client.services.length));",
    stdout: /^1\n$/,
  },
];

describe('A process', function () {
  this.timeout(60_000);
  const close = closing();

  for (const { name, server, program, stdout } of cases) {
    it(name, async () => {
      const peer = close(await listen((socket) => (server === 'silent' ? undefined : socket.destroy())));
      if (server === 'none') await peer.close();
      const source = `import { Client } from ${JSON.stringify(LIBRARY)}; const client = new Client(${JSON.stringify(peer.target)}); ${program}`;
      const end = await runShortLived(source, SOON_MS);
      expect(end.stderr.replaceAll(/.*StublessWarning[\s\S]*/g, '')).to.equal('');
      expect([end.status, end.stdout], end.stderr).to.satisfy(
        ([status, text]: [number, string]) => status === 0 && stdout.test(text),
      );
    });
  }
});
