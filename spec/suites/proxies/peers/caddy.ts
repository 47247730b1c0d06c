// Caddy before a server on grpc-go, with HTTP/2 in plaintext on both sides.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../../support/free-ports.ts';
import { listening } from '../processes.ts';
import { installed, newFolder } from './peer.ts';
import { ProxyPeer, startBackend } from './proxy.ts';

function configuration(port: number, admin: number, backend: number, version: number): object {
  return {
    admin: { listen: `127.0.0.1:${admin}` },
    logging: { logs: { default: { level: 'WARN' } } },
    apps: {
      http: {
        grace_period: '10s',
        servers: {
          in: {
            listen: [`127.0.0.1:${port}`],
            protocols: ['h1', 'h2c'],
            automatic_https: { disable: true },
            routes: [
              {
                handle: [
                  // What is not changed is not loaded again.
                  { handler: 'headers', response: { set: { 'x-version': [String(version)] } } },
                  {
                    handler: 'reverse_proxy',
                    transport: { protocol: 'http', versions: ['h2c'] },
                    upstreams: [{ dial: `127.0.0.1:${backend}` }],
                    flush_interval: -1,
                  },
                ],
              },
            ],
          },
        },
      },
    },
  };
}

export class Caddy extends ProxyPeer {
  #adminPort = 0;
  #backendPort = 0;
  #version = 0;

  static async start(options: { readonly backendPort?: number } = {}): Promise<Caddy> {
    const [[port, admin], backend] = await Promise.all([freePorts(2), startBackend()]);
    const peer = new Caddy(port, backend);
    peer.#adminPort = admin;
    peer.#backendPort = options.backendPort ?? backend.port;
    const folder = newFolder('caddy');
    const file = join(folder, 'caddy.json');
    writeFileSync(file, JSON.stringify(peer.#next(), undefined, 1));
    const program = peer.run([installed('caddy', 'caddy'), 'run', '--config', file], {
      XDG_CONFIG_HOME: folder,
      XDG_DATA_HOME: folder,
    });
    await listening(port, program);
    return peer;
  }

  #next(): object {
    return configuration(this.port, this.#adminPort, this.#backendPort, ++this.#version);
  }

  /** A changed configuration: its servers are new ones, and those before finish what they have. */
  async reload(): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${this.#adminPort}/load`, {
      method: 'POST',
      // Its own address, as which it takes a request of fetch's only then.
      headers: { 'content-type': 'application/json', origin: `http://127.0.0.1:${this.#adminPort}` },
      body: JSON.stringify(this.#next()),
    });
    if (!answer.ok) throw new Error(`Caddy did not load again: ${await answer.text()}`);
  }
}
