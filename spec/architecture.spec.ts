// Which folder of lib may import what (docs/architecture.md): every file's import statements against the rows of
// spec/layers/rooms.json. .dependency-cruiser.cjs makes its rules of the same rows, and forbids cycles of files.

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { allowedOf, files, floors, picture, roomOf, rooms, violations } from './layers/rooms.ts';

/** More files than this in one folder are a heap. */
const MAX_FILES = 25;
const MAX_ROOMS_AT_THE_TOP = 14;

describe('the rooms of lib (docs/architecture.md)', () => {
  for (const [name, { is }] of Object.entries(rooms)) {
    it(`hold for ${name}: ${is}`, () => {
      const own = files.filter((file) => roomOf(file) === name);
      expect(own).not.to.deep.equal([]);
      expect(own.flatMap((file) => violations(file, readFileSync(`lib/${file}`, 'utf8')))).to.deep.equal([]);
    });
  }

  it('take in every file', () => {
    expect(files).to.include('rpc/transport.ts');
    expect(files.filter((file) => roomOf(file) === undefined)).to.deep.equal([]);
  });

  it('may not import each other in a circle', () => {
    expect(floors(allowedOf, Object.keys(rooms)).get('values/text')).to.equal(0);
    const arrows: Readonly<Record<string, string[]>> = { a: ['b'], b: ['c'], c: ['b'] };
    expect(() => floors((name) => arrows[name], ['a'])).to.throw('rooms import each other: b → c → b');
  });

  it('name rooms that there are', () => {
    for (const name of Object.keys(rooms)) {
      for (const to of allowedOf(name)) expect(rooms, `${name} → ${to}`).to.have.property(to);
    }
  });

  it('leave the public door alone at the top of lib', () => {
    expect(files.filter((file) => !file.includes('/'))).to.deep.equal(['index.ts']);
    const top = readdirSync('lib', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(top.length).to.be.at.most(MAX_ROOMS_AT_THE_TOP);
  });

  it(`have no more than ${MAX_FILES} files each`, () => {
    const folders = files.map((file) => file.slice(0, file.lastIndexOf('/')));
    const size = (folder: string): number => folders.filter((one) => one === folder).length;
    expect([...new Set(folders)].filter((folder) => size(folder) > MAX_FILES)).to.deep.equal([]);
  });

  it('are those of the picture in docs/architecture.md', () => {
    expect(readFileSync('docs/architecture.md', 'utf8').replaceAll('\r\n', '\n')).to.include(picture());
  });

  it('hold every file that docs/architecture.md names', () => {
    const named = readFileSync('docs/architecture.md', 'utf8').match(/(?<=`)[\w/-]+\.ts(?=`)/g) ?? [];
    expect(named).to.include('testing/faults.ts');
    const isThere = (name: string): boolean => files.some((file) => `/lib/${file}`.endsWith(`/${name}`));
    expect(named.filter((name) => !isThere(name))).to.deep.equal([]);
  });

  const forbidden: [string, string][] = [
    ['http2/x.ts', "import { connect } from 'node:net';"],
    ['http2/x.ts', "import type { Transport } from '../rpc/transport.ts';"],
    ['http2/hpack/x.ts', "import { RpcError } from '../../values/rpc-error.ts';"],
    ['values/x.ts', "import { checkNames } from './options/option-checks.ts';"],
    ['values/text/x.ts', "import { AsyncContext } from '../async-context.ts';"],
    ['rpc/x.ts', "export * from '../http2/frame.ts';"],
    ['rpc/x.ts', "const net = await import('node:net');"],
    ['rpc/x.ts', "import type { Attempt } from './retry/attempt.ts';"],
    ['channel/x.ts', "import { StreamExchange } from '../rpc/stream-exchange.ts';"],
    ['channel/x.ts', "import {\n  Registry,\n} from '../schema/registry/registry.ts';"],
    ['channel/socket/x.ts', "import type { Connection } from '../connection/connection.ts';"],
    ['schema/codec/x.ts', "import type { Registry } from '../registry/registry.ts';"],
    ['schema/codec/x.ts', "type T = import('../../rpc/transport.ts').Transport;"],
    ['schema/codec/wire/x.ts', "import { Plan } from '../plan.ts';"],
    ['schema/proto/syntax/x.ts', "import { Linker } from '../linking/linker.ts';"],
    ['observe/x.ts', "import { Connection } from '../channel/connection/connection.ts';"],
    ['observe/x.ts', "import type { Call } from '../call/call.ts';"],
    ['call/x.ts', "import type { Interceptors } from '../interceptors/chain.ts';"],
    ['call/x.ts', "import { Channel } from '../channel/channel.ts';"],
    ['interceptors/x.ts', "import type { Client } from '../client/client.ts';"],
    ['catalog/x.ts', "import type { Channel } from '../channel/channel.ts';"],
    ['client/x.ts', "import protobuf from 'protobufjs';"],
    ['client/x.ts', "import '../http2/connection.ts';"],
    ['client/x.ts', "export type * from '../index.ts';"],
    ['testing/x.ts', "import { io } from '../cli/command/io.ts';"],
    ['cli/command/x.ts', "import { Client } from '../../client/client.ts';"],
    ['cli/command/x.ts', "import { describe } from '../commands/describe.ts';"],
    ['channel/socket/x.ts', "import net from 'net';"],
    ['x.ts', "import { describe } from './cli/commands/describe.ts';"],
    ['elsewhere/x.ts', ''],
    ['channel/elsewhere/x.ts', ''],
  ];
  for (const [file, source] of forbidden) {
    it(`would not let ${file} say ${source.replace(/\s+/g, ' ') || 'anything'}`, () => {
      expect(violations(file, source)).to.have.length(1);
    });
  }

  const allowed: [string, string][] = [
    ['call/x.ts', "import type { Channel } from '../channel/channel.ts';"],
    ['observe/x.ts', "import type {\n  ConnectionInfo,\n} from '../channel/connection/connection-info.ts';"],
    ['http2/x.ts', "import { HeaderDecoder } from './hpack/decoder.ts';"],
    ['cli/command/x.ts', "import { Client } from '../../index.ts';"],
    ['http2/x.ts', "// import 'node:net';\n/* import 'node:tls'; */"],
  ];
  for (const [file, source] of allowed) {
    it(`would let ${file} say ${source.replace(/\s+/g, ' ')}`, () => {
      expect(violations(file, source)).to.deep.equal([]);
    });
  }
});
