// A TLS connection from the dial on: TLS connects by itself where it can read into one buffer, so what fails before
// the handshake must not be taken for the handshake's failure.

import { once } from 'node:events';
import net from 'node:net';
import type tls from 'node:tls';
import { expect } from 'chai';
import { type DialPhase, dial } from '../../../../lib/channel/socket/dial.ts';
import { ALPN_H2 } from '../../../../lib/channel/socket/secure-socket.ts';
import { TlsCredentials } from '../../../../lib/channel/socket/tls-credentials.ts';
import type { Address } from '../../../../lib/channel/target/address.ts';
import { checkTls } from '../../../../lib/client/tls-options.ts';
import { closing } from '../../../support/closing.ts';
import { certificatePath, pair, tlsServer } from './secure-servers.ts';

const HOST = '127.0.0.1';

function trusting(): TlsCredentials {
  return new TlsCredentials(checkTls({ ca: { file: certificatePath('root.pem') } }, undefined, {}).settings);
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
