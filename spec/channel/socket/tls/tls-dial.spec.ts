// A TLS connection from the dial on: TLS connects by itself where it can read into one buffer, so what fails before
// the handshake must not be taken for the handshake's failure.

import dns, { type LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type tls from 'node:tls';
import { expect } from 'chai';
import { type DialPhase, dial } from '../../../../lib/channel/socket/dial.ts';
import { ALPN_H2 } from '../../../../lib/channel/socket/secure-socket.ts';
import { TlsCredentials } from '../../../../lib/channel/socket/tls-credentials.ts';
import type { Address } from '../../../../lib/channel/target/address.ts';
import { checkTls, type TlsOptions } from '../../../../lib/client/tls-options.ts';
import { closing } from '../../../support/closing.ts';
import { certificatePath, pair, tlsServer } from './secure-servers.ts';

const HOST = '127.0.0.1';

function trusting(more: TlsOptions = {}): TlsCredentials {
  const options = { ca: { file: certificatePath('root.pem') }, ...more };
  return new TlsCredentials(checkTls(options, undefined, {}).settings);
}

/** What a socket told, from its dial to its end. */
interface Told {
  readonly phases: readonly DialPhase[];
  readonly reads: readonly Uint8Array[];
  readonly text: string;
  readonly error: Error | undefined;
}

/** Dials and reads to the end; `onText` gets all that came so far. */
function told(address: Address, credentials: TlsCredentials, onText?: () => void): Promise<Told> {
  const phases: DialPhase[] = [];
  const reads: Uint8Array[] = [];
  let text = '';
  return new Promise((resolve) => {
    dial(address, credentials, {
      onPhase: (phase) => phases.push(phase),
      onConnect: (socket) => socket.write(Buffer.from('hello')),
      onRead: (octets) => {
        reads.push(octets);
        text += Buffer.from(octets).toString('latin1');
        onText?.();
      },
      onDrain: () => {},
      onClose: (error) => resolve({ phases, reads, text, error }),
    });
  });
}

describe('Dialling with TLS', () => {
  const close = closing();

  it('reads into one buffer', async () => {
    let accepted: tls.TLSSocket | undefined;
    const server = close(
      await tlsServer({ ...pair('server'), ALPNProtocols: [ALPN_H2] }, (socket) => {
        accepted = socket;
        socket.once('data', () => socket.write('first'));
      }),
    );
    const address: Address = { kind: 'tcp', host: HOST, port: server.port, name: 'localhost' };
    let times = 0;
    const { phases, reads, text, error } = await told(address, trusting(), () => {
      times++;
      if (times === 1) accepted?.write('second');
      else accepted?.end();
    });
    expect(error).to.equal(undefined);
    expect(phases).to.deep.equal(['handshake']);
    expect(text).to.equal('firstsecond');
    expect(new Set(reads.map(({ buffer }) => buffer)).size).to.equal(1);
  });

  it("keeps the session and the keys of a name whose first address is not the server's", async () => {
    const server = close(
      await tlsServer({ ...pair('server'), ALPNProtocols: [ALPN_H2] }, (socket) => {
        socket.once('data', () => socket.end('bye'));
      }),
    );
    const directory = mkdtempSync(join(tmpdir(), 'stubless-tls-'));
    const keyLogFile = join(directory, 'keys');
    const credentials = trusting({ keyLogFile });
    const { port } = server;
    const peer = { address: `two.example:${port}`, serverName: 'localhost', protocol: ALPN_H2 };
    const { lookup } = dns;
    // Both are this machine; nobody listens at the first.
    dns.lookup = ((_host: string, _options: unknown, answer: (error: null, found: LookupAddress[]) => void) =>
      process.nextTick(answer, null, [
        { address: '::1', family: 6 },
        { address: HOST, family: 4 },
      ])) as unknown as typeof lookup;
    try {
      const { text, error } = await told(
        { kind: 'tcp', host: 'two.example', port, name: 'localhost' },
        credentials,
      );
      expect([text, error]).to.deep.equal(['bye', undefined]);
    } finally {
      dns.lookup = lookup;
    }
    expect(credentials.session(peer, Date.now())).to.not.equal(undefined);
    expect(readFileSync(keyLogFile, 'latin1')).to.include('CLIENT_TRAFFIC_SECRET_0');
    rmSync(directory, { recursive: true });
  });

  it('keeps the session when the server is not there, and tells of no TLS', async () => {
    const listener = net.createServer().listen(0, HOST);
    await once(listener, 'listening');
    const { port } = listener.address() as net.AddressInfo;
    listener.close();
    await once(listener, 'close');
    const credentials = trusting();
    const peer = { address: `${HOST}:${port}`, serverName: 'localhost', protocol: ALPN_H2 };
    const session = { octets: Buffer.from('a session'), certificate: undefined };
    credentials.keepSession(peer, session, credentials.context());
    const { phases, error } = await told({ kind: 'tcp', host: HOST, port, name: 'localhost' }, credentials);
    expect(error).to.include({ code: 'ECONNREFUSED', name: 'Error' });
    expect(phases).to.deep.equal([]);
    expect(credentials.session(peer, Date.now())).to.equal(session);
  });

  it('ends with what is wrong with a context, as an event', async () => {
    const { settings } = trusting();
    const secureContext = { context: {} } as tls.SecureContext;
    const credentials = new TlsCredentials({ ...settings, ca: undefined, secureContext });
    const { error } = await told({ kind: 'tcp', host: HOST, port: 1 }, credentials);
    expect(error).to.be.instanceOf(TypeError);
  });
});
