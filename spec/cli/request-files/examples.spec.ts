// The files of examples/requests against the example server: all pass, but for what is skipped.

import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { startExampleServer } from '../../support/peers/servers.ts';
import { runInProcess } from '../in-process.ts';

const FOLDER = 'examples/requests';
const ENV = { EXAMPLE_TOKEN: 'not-a-secret' };

describe(FOLDER, function () {
  this.timeout(30_000);

  let server: Awaited<ReturnType<typeof startExampleServer>>;
  before(async () => {
    server = await startExampleServer({ reflection: true });
  });
  after(() => server.close());

  const run = (args: readonly string[]) =>
    runInProcess(['test', '--target', `localhost:${server.port}`, ...args], { env: ENV });

  it('all pass', async () => {
    const { status, stdout, stderr } = await run([FOLDER]);
    expect(stdout).to.not.include('✗');
    expect(stderr).to.equal('');
    expect(status).to.equal(0);
    const files = readdirSync(FOLDER).filter((name) => name.includes('.requests.'));
    expect(files.length).to.be.at.least(30);
    expect(stdout).to.include(` in ${files.length} files`).and.include('1 skipped');
  });

  it('take values from an environment, and from the command line', async () => {
    const args = [`${FOLDER}/environments.requests.yaml`, '--config', `${FOLDER}/stubless.config.yaml`];
    const json = async (more: readonly string[]): Promise<string> => (await run([...args, ...more])).stdout;
    expect(await json(['--env', 'staging'])).to.include('1 passed');
    const refused = await run([...args, '--env', 'stagin']);
    expect(refused.stderr).to.equal(
      `stubless: ${FOLDER}/stubless.config.yaml has no environment 'stagin'; did you mean 'staging'?\n`,
    );
    expect(refused.status).to.equal(2);
    const failed = await run([...args, '--env', 'staging', '--var', 'who=nobody']);
    expect(failed.stdout).to.include('-d \'{"name":"nobody"}\'');
  });
});
