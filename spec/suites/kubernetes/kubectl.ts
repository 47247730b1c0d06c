// Debian's kubectl, with an API server that knows kinds and holds nothing: `--dry-run=client` asks it for the kinds alone. It proves
// that kubectl reads the manifest as these resources and would send them so; what a server says to them is Go's to show.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const KUBECTL = join('.cache', 'kubernetes', 'kubectl', 'root', 'usr', 'bin', 'kubectl');

const resource = (kind: string, name: string) => ({
  kind,
  name,
  singularName: kind.toLowerCase(),
  namespaced: true,
  verbs: ['create', 'get', 'list', 'patch'],
});

/** Discovery, as client-go asks for it. */
const ANSWERS: Readonly<Record<string, object>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [
      {
        name: 'batch',
        versions: [{ groupVersion: 'batch/v1', version: 'v1' }],
        preferredVersion: { groupVersion: 'batch/v1', version: 'v1' },
      },
    ],
  },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [resource('ConfigMap', 'configmaps'), resource('Service', 'services')],
  },
  '/apis/batch/v1': {
    kind: 'APIResourceList',
    groupVersion: 'batch/v1',
    resources: [resource('Job', 'jobs')],
  },
};

export class Kubectl {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Kubectl> {
    const server = createServer((request, response) => {
      const answer = ANSWERS[(request.url ?? '').replace(/\?.*/, '')];
      const missing = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? missing));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Kubectl(server);
  }

  /** Runs kubectl with a manifest on its standard input. Throws with what it says where it fails. */
  async run(args: readonly string[], manifest: string): Promise<string> {
    const { port } = this.#server.address() as AddressInfo;
    // Neither the user's configuration nor a cache of another server's kinds.
    const env = { PATH: process.env['PATH'], HOME: '/nonexistent', KUBECONFIG: '/dev/null' };
    const child = spawn(KUBECTL, ['--server', `http://127.0.0.1:${port}`, ...args, '-f', '-'], { env });
    child.stdin.on('error', () => {});
    child.stdin.end(manifest);
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${err}`);
    return out;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
