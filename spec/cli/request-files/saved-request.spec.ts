// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// Requests of files in other commands: `stubless call FILE#NAME`, `bench FILE#NAME`, and `call … --save FILE#NAME`.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runInProcess, type Setup } from '../in-process.ts';
import { exampleFolder } from './example-folder.ts';

const PROTO = ['--proto', 'protos/helloworld.proto', '--proto', 'protos/route_guide.proto'];

describe('Requests of files', function () {
  this.timeout(30_000);

  const folder = exampleFolder();
  let file = '';
  before(() => {
    file = folder.write(
      `variables: { who: you }
requests:
  - name: greets
    method: SayHello
    request: { name: "\${who}" }
    metadata: { x-request-id: "a \${env:ID}" }
    expect: { reply: { message: something else } }
  - name: first
    method: SayHello
    request: { name: first }
    capture: { said: message }
  - name: second
    method: SayHello
    request: { name: "after \${said}" }
  - name: fails
    method: SayHello
    request: { name: nobody }
    capture: { never: message }
  - name: waits for it
    method: SayHello
    request: { name: "\${never}" }
  - name: rows
    method: SayHello
    each: [{ who: a }, { who: b }]
    request: { name: "\${who}" }
  - name: chat
    method: SayHelloBidiStream
    requests: [{ name: a }, { name: b, $delay: 1ms }]
`,
    );
  });

  const call = (name: string, args: readonly string[] = [], setup: Setup = { env: { ID: 'id-7' } }) =>
    runInProcess(['call', `${file}#${name}`, ...args], setup);

  it('are called, with their metadata, whatever they expect', async () => {
    expect(await call('greets')).to.deep.equal({
      status: 0,
      stdout: '{"message":"Hello you"}\n',
      stderr: '',
    });
    const { stdout } = await call('greets', ['-o', 'full', '--var', 'who=me']);
    const full = JSON.parse(stdout);
    expect(full.headers['x-request-id']).to.equal('a ${env:ID}');
    expect(full.messages).to.deep.equal([{ message: 'Hello me' }]);
  });

  it('get what others capture for them', async () => {
    expect((await call('second')).stdout).to.equal('{"message":"Hello after Hello first"}\n');
    const { status, stderr } = await call('waits for it');
    expect(stderr).to.equal(
      "stubless: 'waits for it' needs 'fails', which failed: status: expected OK, came NOT_FOUND: no greeting for nobody\n",
    );
    expect(status).to.equal(1);
  });

  it('are one of several rows', async () => {
    expect((await call('rows [2]')).stdout).to.equal('{"message":"Hello b"}\n');
    expect(await call('rows')).to.include({
      status: 2,
      stderr: `stubless: 'rows' of ${file} has 2 rows; choose one: '${file}#rows [1]'\n`,
    });
  });

  it('may be streams, which are sent without waiting', async () => {
    const { stdout, stderr } = await call('chat');
    expect(stdout).to.equal('{"message":"Hello a"}\n{"message":"Hello b"}\n');
    expect(stderr).to.include(
      "'chat' is sent without waiting: $delay and $afterReply are for 'stubless test'",
    );
  });

  it('are named with the nearest name, and take no other words', async () => {
    expect(await call('greet')).to.include({
      status: 2,
      stderr: `stubless: ${file} has no request 'greet'; did you mean 'greets'?\n`,
    });
    expect(await call('greets', ['name=me'])).to.include({
      status: 2,
      stderr: `stubless: ${file}#greets is a whole request: leave out the method, fields and -d\n`,
    });
    expect(await call('greets', [], {})).to.include({
      status: 1,
      stderr: `stubless: ${file}:8:31: \${env:ID} is not set in the environment\n`,
    });
  });

  it('put load on a server', async () => {
    const args = ['bench', `${file}#greets`, '-n', '20', '-c', '2', '--json', '--warm-up', '1ms'];
    const { status, stdout } = await runInProcess(args, { env: { ID: 'id-7' } });
    expect(status).to.equal(0);
    expect(JSON.parse(stdout).calls.ok).to.equal(20);
  });

  const saved = (name: string): string => join(folder.path, name);

  it('are made by a call, with what came back', async () => {
    const path = saved('made.requests.yaml');
    const target = `localhost:${folder.port}`;
    const first = await runInProcess([
      'call',
      target,
      'SayHello',
      'name=${you}',
      '-H',
      'x-request-id: 7',
      '--timeout',
      '5s',
      '--save',
      `${path}#hello`,
      ...PROTO,
    ]);
    expect(first.stderr).to.equal(`stubless: made ${path}: 'hello'\n`);
    writeFileSync(path, readFileSync(path, 'utf8').replace('requests:', '# kept\nrequests:'));
    const others: readonly (readonly string[])[] = [
      ['SayHello', 'name=nobody', '--save', `${path}#nobody`],
      ['SayHelloStreamReply', 'name=a', '--save', `${path}#stream`],
      ['RecordRoute', '-d', '{"latitude":1}{"longitude":2}', '--save', `${path}#route`],
    ];
    for (const words of others) await runInProcess(['call', target, ...words, ...PROTO]);
    const text = readFileSync(path, 'utf8');
    expect(text).to.include('# kept').and.include('name: $${you}').and.include('Salut a');
    const run = await runInProcess(['test', path, '-v']);
    expect(run.stdout).to.include('4 passed: 4 requests in 1 file');
    const again = await runInProcess(['call', target, 'SayHello', '--save', `${path}#hello`, ...PROTO]);
    expect(again.stderr).to.match(
      /^stubless: --save: .* has a request 'hello' in line \d+; give another name\n$/,
    );
    expect(again.stdout).to.equal('');
  });

  it('are made in JSON as well', async () => {
    const path = saved('made.requests.json');
    for (const name of ['a', 'b']) {
      await runInProcess([
        'call',
        `localhost:${folder.port}`,
        'SayHello',
        `name=${name}`,
        '--save',
        `${path}#${name}`,
        ...PROTO,
      ]);
    }
    expect(JSON.parse(readFileSync(path, 'utf8')).requests).to.have.length(2);
    expect((await runInProcess(['test', path])).stdout).to.include('2 passed');
  });

  it('are added to a file with the rest of it as it was, numbers beyond 2^53 as well', async () => {
    const request = '{ "id": 9007199254740993, "price": 1.50 }';
    const one = `{ "name": "one", "method": "a.B/C", "request": ${request} }`;
    const files = [
      ['kept.requests.json', `{ "target": "localhost:1",\n  "requests": [ ${one} ] }\n`],
      ['kept.requests.yaml', `target: localhost:1\nrequests:\n  - ${one}\n`],
      ['none.requests.json', `{ "requests": [] }\n`],
      ['block.requests.json', `target: localhost:1\nrequests:\n  - ${one}\n`],
    ];
    for (const [name, text] of files) {
      const path = saved(name);
      writeFileSync(path, text);
      const end = await runInProcess([
        ...['call', `localhost:${folder.port}`, 'SayHello', 'name=a'],
        ...['--save', `${path}#two`, ...PROTO],
      ]);
      expect(end.stderr).to.equal(`stubless: added to ${path}: 'two'\n`);
      const made = readFileSync(path, 'utf8');
      if (text.includes(request)) expect(made, name).to.include(request);
      if (name !== 'block.requests.json' && name.endsWith('.json')) JSON.parse(made);
      const listed = await runInProcess(['call', `${path}#three`, ...PROTO]);
      expect(listed.stderr, name).to.match(/has no request 'three'.*'two'|a\.B/s);
    }
  });

  it('are not added to a list that is written elsewhere', async () => {
    const path = saved('alias.requests.yaml');
    const one = '[{ name: one, method: a.B/C }]';
    for (const text of [
      `target: h:1\nvariables: { x: &a ${one} }\nrequests: *a\n`,
      `target: h:1\nvariables: { x: &a { requests: ${one} } }\n<<: *a\n`,
    ]) {
      writeFileSync(path, text);
      const { status, stderr } = await runInProcess([
        ...['call', `localhost:${folder.port}`, 'SayHello', '--save', `${path}#two`, ...PROTO],
      ]);
      expect(stderr).to.equal(
        `stubless: --save: 'requests' of ${path} is written elsewhere; write the list out there\n`,
      );
      expect(status).to.equal(1);
      expect(readFileSync(path, 'utf8')).to.equal(text);
    }
  });

  it('are made without secrets', async () => {
    const path = saved('secret.requests.yaml');
    const end = await runInProcess(
      [
        'call',
        `localhost:${folder.port}`,
        'SayHello',
        'name=a',
        '-H',
        'authorization: Bearer ${TOKEN}',
        '-H',
        'x-api-key: planted-key-123456',
        '--save',
        `${path}#a`,
        ...PROTO,
      ],
      { env: { TOKEN: 'planted-token-123456' } },
    );
    const text = readFileSync(path, 'utf8');
    expect(text).to.include('authorization: Bearer ${env:TOKEN}').and.include('x-api-key: ${env:X_API_KEY}');
    expect(text + end.stdout + end.stderr).to.not.include('planted');
    expect(end.stderr).to.include("the value of 'x-api-key' is not written");
  });
});
