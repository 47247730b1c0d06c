// Fields of replies that the schema does not know: shown when asked for, and with -v.

import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { listenReflection } from '../schema/reflection/reflection-peer.ts';
import { closing } from '../support/closing.ts';
import { type Printed, runInProcess } from './in-process.ts';

const PROTO = `
  syntax = "proto3";
  package newer;
  service S { rpc Get (New) returns (Old); }
  message New { string name = 1; string added = 2; int64 count = 3; New inner = 4;
    repeated int32 many = 5 [packed = false]; }
  message Old { string name = 1; Old inner = 4; }`;
const REQUEST = '{"name":"n","added":"a","count":9007199254740993,"inner":{"count":1}}';

describe('Unknown fields on the command line', function () {
  this.timeout(30_000);

  const open = closing();
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stubless-unknown-'));
    await writeFile(join(folder, 'newer.proto'), PROTO);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (...options: string[]): Promise<Printed> => {
    const peer = open(await listenReflection({ answer: () => 'silence' }));
    const proto = join(folder, 'newer.proto');
    return runInProcess(['call', `127.0.0.1:${peer.port}`, 'Get', '--proto', proto, ...options]);
  };
  const get = async (...options: string[]): Promise<string> => {
    const { status, stdout } = await run('-d', REQUEST, ...options);
    expect(status).to.equal(0);
    return stdout;
  };
  const shown = {
    name: 'n',
    inner: { '@unknown': [{ number: 3, varint: '1' }] },
    '@unknown': [
      { number: 2, bytes: 'YQ==', text: 'a' },
      { number: 3, varint: '9007199254740993' },
    ],
  };

  it('are left out of ProtoJSON', async () => {
    expect(JSON.parse(await get())).to.deep.equal({ name: 'n', inner: {} });
    expect(await get('-o', 'text')).to.equal('name: "n"\ninner {}\n');
  });

  for (const options of [['--unknown-fields'], ['-v'], ['--unknown-fields', '-o', 'json']]) {
    it(`are shown with ${options.join(' ')}`, async () => {
      expect(JSON.parse(await get(...options))).to.deep.equal(shown);
    });
  }

  it('are shown as text, by number, and in the whole call', async () => {
    expect(await get('--unknown-fields', '-o', 'text')).to.match(
      /^name: "n"\ninner \{\n {2}3: 1\n\}\n2: "a"\n3: 9007199254740993\n$/,
    );
    expect(JSON.parse(await get('--unknown-fields', '-o', 'full')).messages).to.deep.equal([shown]);
  });

  const SHORT = { jsonl: '{"name":"n"}', json: '{\n  "name": "n"\n}', text: 'name: "n"' };
  for (const [form, stdout] of Object.entries(SHORT)) {
    it(`are left out where there are too many to show, which is told once: ${form}`, async () => {
      const file = join(folder, 'many.bin');
      await writeFile(file, Buffer.concat([Buffer.from('\n\x01n'), Buffer.alloc(2 * 250_001, '\x28\x01')]));
      const end = await run('--input', 'binary', '-d', `@${file}`, '--unknown-fields', '-o', form);
      expect(end).to.deep.equal({
        status: 0,
        stdout: `${stdout}\n`,
        stderr:
          'stubless: a reply is shown without its unknown fields: more than 250000 unknown fields to show\n',
      });
    });
  }
});
