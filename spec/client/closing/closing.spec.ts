// That close() ends, whatever is under way and whoever does not do their part: a process in which all of it is comes to its
// end by itself, and everything that was promised in it has settled.

import { fork } from 'node:child_process';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { behind, connectFront, type Front, tlsFront } from '../../suites/hostile/fronts.ts';
import { INITIAL_WINDOW_SIZE, SETTINGS_ACK, settings, windowUpdate } from '../../suites/hostile/wire.ts';
import { echo, type Listening, listen, listenHttp2 } from '../../support/peers/peer.ts';
import { runNode } from '../../support/program.ts';
import type { Report } from './program.ts';
import { type Places, ROWS, type StuckKind } from './rows.ts';

const HUGE_WINDOWS = Buffer.concat([
  settings([INITIAL_WINDOW_SIZE, 0x7fff_ffff]),
  SETTINGS_ACK,
  windowUpdate(0, 0x7fff_0000),
]);
const PROXY_TLS = tlsFront({ ALPNProtocols: ['http/1.1'] });
const FRONTS: { readonly [kind in StuckKind]: Front } = {
  plaintext: async (wire) => wire,
  tls: tlsFront(),
  'http-proxy': connectFront(),
  'tls-http-proxy': behind(connectFront(), tlsFront()),
  'https-proxy': behind(PROXY_TLS, connectFront()),
  'tls-https-proxy': behind(PROXY_TLS, behind(connectFront(), tlsFront())),
};
/** The time that the rows take to begin, the grace, the second, and what a loaded machine adds. */
const PROGRAM_MS = 25_000;

/** Listens, and stands still before it takes a connection. */
const FULL = `
  const server = require('node:net').createServer();
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    process.send(server.address().port, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });`;

describe('close()', function () {
  this.timeout(60_000);
  const opened: { close(): unknown }[] = [];
  let places: Places;

  async function listenStuck(front: Front): Promise<number> {
    const listening: Listening = await listen((wire) => {
      void front(wire)
        .then((stream) => {
          stream?.write(HUGE_WINDOWS);
          stream?.pause();
        })
        .catch(() => {});
    });
    opened.push(listening);
    return listening.port;
  }

  async function listenFull(): Promise<number> {
    const child = fork('-', [], {
      execArgv: ['--eval', FULL],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    opened.push({ close: () => child.kill('SIGKILL') });
    const port = await new Promise<number>((resolve) => child.once('message', (one) => resolve(Number(one))));
    for (let i = 0; i < 4; i++) {
      const filling = net.connect(port, '127.0.0.1').on('error', () => {});
      opened.push({ close: () => filling.destroy() });
    }
    return port;
  }

  before(async () => {
    const ports = await Promise.all(
      Object.entries(FRONTS).map(async ([kind, front]) => [kind, await listenStuck(front)] as const),
    );
    const silent = await listen((socket) => socket.resume());
    const good = await listenHttp2((request) => {
      if (request.header(':path') === '/s/m') echo(request);
    });
    opened.push(silent, good);
    const full = await listenFull();
    const stuck = Object.fromEntries(ports) as Places['stuck'];
    places = { stuck, silent: silent.port, full, good: good.port };
  });
  after(() => Promise.all(opened.map((one) => one.close())));

  async function run(...names: string[]): Promise<Report> {
    const program = fileURLToPath(new URL('./program.js', import.meta.url));
    const end = await runNode([program, JSON.stringify(places), ...names], PROGRAM_MS);
    expect([end.status, end.stderr], end.stdout).to.deep.equal([0, '']);
    return JSON.parse(end.stdout) as Report;
  }

  it('ends a process in which everything is under way, within grace + 1 s', async () => {
    const { elapsedMs, ...rest } = await run();
    expect(rest).to.deep.equal({ failed: [], unsettled: [], resources: [] });
    expect(elapsedMs).to.be.below(1200);
  });

  // To find which of them it is.
  for (const { name } of process.env['EACH_ROW'] === undefined ? [] : ROWS) {
    it(name, async () => {
      const { elapsedMs, ...rest } = await run(name);
      expect(rest).to.deep.equal({ failed: [], unsettled: [], resources: [] });
      expect(elapsedMs).to.be.below(1200);
    });
  }
});
