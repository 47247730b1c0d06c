// --timeout is one limit for the schema and the call, and what it ends says so.

import { setTimeout as after } from 'node:timers/promises';
import { expect } from 'chai';
import { answersFrom, listenReflection } from '../../schema/reflection/reflection-peer.ts';
import { filesOf, GREETER } from '../../schema/reflection/schema-files.ts';
import { closing } from '../../support/closing.ts';
import { until } from '../../support/peers/fleet.ts';
import type { PeerStream } from '../../support/peers/peer.ts';
import { TurnedTime } from '../../support/time/turned-time.ts';
import { runInProcess } from '../in-process.ts';

/** What the server takes to tell its schema: much more than anything else here. */
const SCHEMA_MS = 60;

describe('--timeout of a call whose schema the server tells', function () {
  this.timeout(30_000);
  const open = closing();

  async function serving(onCall: (request: PeerStream) => void): Promise<string> {
    const answer = answersFrom(await filesOf(GREETER));
    const peer = await listenReflection({
      answer: async (question) => {
        await after(SCHEMA_MS);
        return answer(question);
      },
      onCall,
    });
    return `127.0.0.1:${open(peer).port}`;
  }

  /** The times in a text, as a pattern names them. */
  function timesIn(text: string, pattern: RegExp): Record<string, number> {
    expect(text).to.match(pattern);
    return Object.fromEntries(
      Object.entries(pattern.exec(text)?.groups ?? {}).map(([name, ms]) => [name, Number(ms)]),
    );
  }

  for (const form of [[], ['-o', 'full']]) {
    it(`names the limit as it was given, and what the schema took of it${form.map((word) => ` ${word}`).join('')}`, async () => {
      let isCalled = false;
      const address = await serving(() => {
        isCalled = true;
      });
      const time = open(new TurnedTime());
      const args = ['call', address, 'hello.Greeter/SayHello', '--timeout', '20s', ...form];
      const running = runInProcess(args);
      await until(() => isCalled);
      await time.pass(21_000);
      const end = await running;
      const { all, schema } = timesIn(
        end.stderr,
        /^stubless: DEADLINE_EXCEEDED: the timeout of 20000 ms passed after (?<all>\d+) ms while waiting for the response: (?<schema>\d+) ms for the schema, \d+ ms for [^:]*\n$/,
      );
      expect(all).to.be.at.least(19_999);
      expect(schema)
        .to.be.at.least(SCHEMA_MS - 1)
        .and.below(all);
      expect(end.status).to.equal(68);
      if (form.length > 0) expect(JSON.parse(end.stdout).status.details).to.include('timeout of 20000 ms');
    });
  }

  it('does so beside what the server says of its own deadline', async () => {
    const address = await serving((request) => {
      request.head().status(4, 'grpc-message', 'too slow');
    });
    const end = await runInProcess(['call', address, 'hello.Greeter/SayHello', '--timeout', '5s']);
    const { all, schema } = timesIn(
      end.stderr,
      /^stubless: DEADLINE_EXCEEDED: too slow \(after (?<all>\d+) ms of the timeout of 5000 ms, while .*: (?<schema>\d+) ms for the schema, \d+ ms for .*\)\n$/,
    );
    expect(schema)
      .to.be.at.least(SCHEMA_MS - 1)
      .and.at.most(all);
  });
});
