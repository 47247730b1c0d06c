// Each file in examples/ runs as it stands against the example server, through the built package, and prints
// what its last comment says.

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { needEval } from './support/eval.ts';
import { startExampleServer } from './support/peers/servers.ts';
import { runNode } from './support/program.ts';

/** The lines of the comment `// Prints:` at the end of a file. */
function promisedOutput(source: string): string {
  const [, comment] = source.split('\n// Prints:\n');
  return comment?.replace(/^\/\/ ?/gm, '') ?? 'an example ends with a comment: Prints:';
}

describe('examples/', function () {
  this.timeout(30_000);

  let server: Awaited<ReturnType<typeof startExampleServer>>;
  before(async () => {
    server = await startExampleServer();
  });
  after(() => server.close());

  for (const file of readdirSync('examples').filter((name) => name.endsWith('.js'))) {
    it(`${file} prints what it says, and ends by itself`, async () => {
      const end = await runNode([`examples/${file}`, `localhost:${server.port}`]);
      expect(end).to.deep.equal({
        status: 0,
        stdout: promisedOutput(readFileSync(`examples/${file}`, 'utf8')),
        stderr: '',
      });
    });
  }

  it('have a server that says in one line when its port is taken, or is no port', async function () {
    // grpc-js and proto-loader are its.
    needEval(this);
    const taken = await runNode(['.build/demo/server.js', String(server.port)]);
    expect(taken).to.deep.equal({
      status: 1,
      stdout: '',
      stderr: `server: port ${server.port} is in use; end what listens there, or give another: npm run server 50052\n`,
    });
    const none = await runNode(['.build/demo/server.js', 'x']);
    expect(none).to.deep.equal({ status: 1, stdout: '', stderr: "server: 'x' is not a port\n" });
  });

  it('are all listed in their README', () => {
    const readme = readFileSync('examples/README.md', 'utf8');
    const listed = Array.from(readme.matchAll(/\]\((.+?\.js)\)/g), (match) => match[1]);
    expect(listed.sort()).to.deep.equal(
      readdirSync('examples')
        .filter((name) => name.endsWith('.js'))
        .sort(),
    );
  });
});
