// An example server, and a folder with files of requests to it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startExampleServer } from '../../support/peers/servers.ts';

export interface ExampleFolder {
  readonly path: string;
  /** The server's. */
  readonly port: number;
  /** Writes a file of requests to the greeter of the server, of which this is what follows; gives its path. */
  write(rest: string, name?: string): string;
}

/** For use in a `describe`: both are there from before its specs until after them. */
export function exampleFolder(): ExampleFolder {
  let server: Awaited<ReturnType<typeof startExampleServer>>;
  let path = '';
  before(async () => {
    server = await startExampleServer();
    path = mkdtempSync(join(tmpdir(), 'stubless-requests-'));
  });
  after(async () => {
    rmSync(path, { recursive: true, force: true });
    await server.close();
  });
  return {
    get path() {
      return path;
    },
    get port() {
      return server.port;
    },
    write(rest, name = 'a.requests.yaml') {
      const file = join(path, name);
      const head = `target: localhost:${server.port}\nschema: { proto: ${process.cwd()}/protos/helloworld.proto }\n`;
      writeFileSync(file, head + rest);
      return file;
    },
  };
}
