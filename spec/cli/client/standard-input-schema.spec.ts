// A schema on standard input, where `-` names it: read in every place of a schema, and refused in place of a server.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type ExampleServer, startExampleServer } from '../../support/peers/servers.ts';
import { runInProcess } from '../in-process.ts';
import { runCli } from '../run-cli.ts';

const SCHEMA = readFileSync('protos/helloworld.proto');

describe('A schema on standard input', function () {
  this.timeout(30_000);

  let server: ExampleServer;
  before(async () => {
    server = await startExampleServer();
  });
  after(() => server.close());

  const read: readonly (readonly [words: string, stdout: string])[] = [
    ['list -', 'helloworld.Greeter\n'],
    ['list /dev/stdin', 'helloworld.Greeter\n'],
    ['list --proto -', 'helloworld.Greeter\n'],
    ['list --protoset -', 'helloworld.Greeter\n'],
    ['diff protos/helloworld.proto -', ''],
    ['diff protos/helloworld.proto --proto -', ''],
    ['call TARGET SayHello name=you --proto -', '{"message":"Hello you"}\n'],
    // What is piped in is the schema, and not the request too.
    ['call TARGET SayHello --proto -', '{"message":"Hello "}\n'],
  ];
  for (const [words, stdout] of read) {
    it(`is read by ${words}`, async () => {
      const args = words.replace('TARGET', `localhost:${server.port}`).split(' ');
      const end = await runCli(args, { stdin: SCHEMA });
      expect(end).to.deep.equal({
        status: 0,
        stdout,
        stderr: words.startsWith('diff') ? 'no changes\n' : '',
      });
    });
  }

  const NOT_A_SERVER =
    "'-' is standard input, but this needs a server; write host:port first, and give a schema from there with --proto -";
  const refused: readonly (readonly [words: string, stdin: string, stderr: string])[] = [
    ['call - SayHello', 'x', NOT_A_SERVER],
    ['ping -', 'x', NOT_A_SERVER],
    ['health -', '', NOT_A_SERVER],
    ['list -', '', "'-' is standard input, where nothing is piped in; pipe a schema in, or name a file"],
    [
      'list --protoset -',
      '',
      "'-' is standard input, where nothing is piped in; pipe a schema in, or name a file",
    ],
    ['list --proto - --protoset -', 'x', 'standard input can be read only once; use it for one schema'],
    ['list - --protoset /dev/stdin', 'x', 'standard input can be read only once; use it for one schema'],
    ['diff - -', 'x', 'standard input can be read only once; use it for one of the two'],
    ['diff - --proto -', 'x', 'standard input can be read only once; use it for one of the two'],
    [
      'call localhost:1 SayHello --proto - -d -',
      'x',
      'standard input can be read only once: for the schema, or for the request with -d -',
    ],
    [
      'repl localhost:1 --proto -',
      'x',
      'the REPL reads its lines from standard input; give the schema as a file',
    ],
  ];
  for (const [words, stdin, stderr] of refused) {
    it(`is refused in ${words}${stdin === '' ? ', with nothing piped in' : ''}`, async () => {
      const end = await runInProcess(words.split(' '), { stdin });
      expect(end).to.deep.equal({ status: 2, stdout: '', stderr: `stubless: ${stderr}\n` });
    });
  }
});
