// What users of grpcurl, buf curl, evans, ghz and grpc_cli write, and what they are told to write instead.

import { expect } from 'chai';
import { UsageError } from '../../lib/cli/command/failure.ts';
import { parseCommandLine } from '../../lib/cli/command-line.ts';
import { COMMANDS } from '../../lib/cli/command-list.ts';

describe('What other tools write', () => {
  const told = async (line: readonly string[]): Promise<string> => {
    try {
      await parseCommandLine(line, '0');
    } catch (error) {
      if (error instanceof UsageError) return error.message.replace(/(?:; see|(?<=\?) See) 'stubless.*$/, '');
      throw error;
    }
    return 'nothing';
  };
  const words = (line: string): string[] => line.split(' ');

  const rows: readonly (readonly [line: string, told: string])[] = [
    // The server first.
    ['h:1 list', "the command comes before the target 'h:1': stubless list h:1"],
    ['h:1 list a.B', "the command comes before the target 'h:1': stubless list h:1 a.B"],
    ['h:1 describe a.B.C', "the command comes before the target 'h:1': stubless describe h:1 a.B.C"],
    ['h:1 a.B/C', "the command comes before the target 'h:1': stubless call h:1 a.B/C"],
    ['-d {} h:1 a.B/C', "the command comes before the target 'h:1': stubless call h:1 a.B/C"],
    ['localhost list', "the command comes before the target 'localhost': stubless list localhost"],
    ['50051 list', "the command comes before the target '50051': stubless list 50051"],
    ['https://h a.B/C', "the command comes before the target 'https://h': stubless call https://h a.B/C"],
    ['[::1]:1', "the command comes before the target '[::1]:1': stubless call [::1]:1 METHOD"],
    // One dash.
    ['list h:1 -plaintext', "unknown option '-plaintext'; use --plaintext"],
    ['call h:1 a.B/C -d {} -insecure', "unknown option '-insecure'; use --insecure"],
    ['call h:1 a.B/C -data {}', "unknown option '-data'; use --data"],
    ['call h:1 a.B/C -emit-defaults', "unknown option '-emit-defaults'; use --emit-defaults"],
    ['call h:1 a.B/C -max-time=5', "unknown option '-max-time'; use --timeout TIME"],
    ['bench h:1 X -cert c.pem', "unknown option '-cert'; use --cert"],
    [
      '-plaintext h:1 list',
      "unknown option '-plaintext'; use --plaintext; the command comes before the target 'h:1': stubless list h:1",
    ],
    [
      '-import-path p -proto x.proto h:1 describe a.B',
      "unknown options '-import-path' (use --import-path), '-proto' (use --proto); the command comes before the target 'h:1': stubless describe h:1 a.B",
    ],
    // Options by other names.
    ['call h:1 X --cacert c.pem', "unknown option '--cacert'; use --ca FILE"],
    ['call h:1 X --servername n', "unknown option '--servername'; use --server-name NAME"],
    ['call h:1 X --format text', "unknown option '--format'; use --input for requests, -o for replies"],
    ['call h:1 X --allow-unknown-fields', "unknown option '--allow-unknown-fields'; use --allow-unknown"],
    [
      'call h:1 X --schema x',
      "unknown option '--schema'; use --proto PATH or --protoset FILE, or nothing for the server's reflection",
    ],
    ['call h:1 X --http2-prior-knowledge', "unknown option '--http2-prior-knowledge'; use --plaintext"],
    ['call --host h --port 1 X', "unknown option '--host'; write host:port as the target: stubless call h:1"],
    ['test --report-junit x.xml', "unknown option '--report-junit'; use --report junit=FILE"],
    ['test --variable a=b', "unknown option '--variable'; use --var NAME=VALUE"],
    ['test --test a.yaml', "unknown option '--test'; leave it out: 'stubless test' always checks what comes"],
    ['call h:1 X --metadata a:b', "unknown option '--metadata'; use -H 'name: value', once for each"],
    ['call h:1 X --protofiles x', "unknown option '--protofiles'; use --proto FILE"],
    [
      'call h:1 X --channel_creds_type insecure',
      "unknown option '--channel_creds_type'; use --plaintext or --tls",
    ],
    // What stands behind an option may be a secret.
    ['call h:1 X --tokn=geheim', "unknown option '--tokn'"],
    ["call h:1 X --passphrse=ge'heim=x", "unknown option '--passphrse'"],
    ['call h:1 X --cacert=c.pem', "unknown option '--cacert'; use --ca FILE"],
    ['call h:1 X --protoset x --descriptor-set y', "unknown option '--descriptor-set'; use --protoset FILE"],
    ['list h:1 -r', "unknown option '-r'; leave it out: the server's reflection is the default"],
    ['bench h:1 X -r 5', "unknown option '-r'; use --rps NUMBER"],
    ['bench h:1 X -q 5', "unknown option '-q'; use --rps NUMBER"],
    ['bench h:1 --call a.B/C', "unknown option '--call'; write the method after the target"],
    ['bench h:1 X -O html', "unknown option '-O'; use --json, --csv or --html FILE"],
    ['bench h:1 X -m {}', "unknown option '-m'; use -H 'name: value'"],
    ['export h:1 -o api.binpb', "unknown option '-o'; use --protoset-out FILE or --proto-out DIR"],
    ['export h:1 --output d', "unknown option '--output'; use --protoset-out FILE or --proto-out DIR"],
    ['types h:1 -o x.d.ts', "unknown option '-o'; use --out FILE"],
    ['call h:1 X --data-binary {}', "unknown option '--data-binary'; use -d MESSAGE, or -d @FILE"],
    // Those of hurl, newman and Bruno.
    [
      'test --variables-file x',
      "unknown option '--variables-file'; write an environment in stubless.config.yaml, and choose it with --env NAME",
    ],
    ['test --reporter-junit x.xml', "unknown option '--reporter-junit'; use --report junit=FILE"],
    ['test -e local', "unknown option '-e'; use --env NAME"],
    ['test --env-var a=b', "unknown option '--env-var'; use --var NAME=VALUE"],
    ['run tests', "unknown command 'run'; use 'test'"],
    // The method.
    [
      'call http://h:1/a.B/C',
      "missing required argument 'method'; write it as a separate word: stubless call http://h:1 a.B/C",
    ],
    [
      'call -d {} h:1/a.B/C',
      "missing required argument 'method'; write it as a separate word: stubless call h:1 a.B/C",
    ],
    [
      'call https://h/x/a.B/C',
      "missing required argument 'method'; write it as a separate word: stubless call https://h/x a.B/C",
    ],
    ['bench h:1', "missing required argument 'method'; to see the methods: stubless list h:1 -l"],
    // Commands by other names.
    ['ls h:1', "unknown command 'ls'; use 'list'"],
    ['type h:1 a.B', "unknown command 'type'; use 'describe'"],
    ['curl h:1', "unknown command 'curl'; use 'call'"],
    ['version', "unknown command 'version'; use '--version'"],
    ['ghz h:1 X', "unknown command 'ghz'; use 'bench'"],
    ['evans repl h:1', "unknown command 'evans'; use 'repl'"],
    ['constructor h:1', "unknown command 'constructor'"],
    // The server in options, before the command or behind it.
    ...['--host h -p 1 repl', '-p 1 --host h -r repl', '--host h -p 1 -r repl'].map(
      (line) => [line, 'the server is a separate word, after the command: stubless repl h:1'] as const,
    ),
    ['-p 1 repl', 'the server is a separate word, after the command: stubless repl localhost:1'],
    ['--host h repl', 'the server is a separate word, after the command: stubless repl h:PORT'],
    ['repl --host h -p 1', "unknown option '--host'; write host:port as the target: stubless repl h:1"],
    ['--host=h --port=1 repl', "unknown option '--host'; write host:port as the target: stubless repl h:1"],
    ['repl -p 1', "unknown option '-p'; write host:port as the target: stubless repl localhost:1"],
    // Flags with values.
    ['list h:1 --plaintext=x', '--plaintext takes no value; write --plaintext alone'],
    ['list h:1 --no-config=true', '--no-config takes no value; write --no-config alone'],
    ['list h:1 -l=1', '-l takes no value; write -l alone'],
    ['call h:1 X -v=geheim', '-v takes no value; write -v alone'],
    ['hlep', "unknown command 'hlep'; did you mean 'help'?"],
    ['ping h:1 -c 2', "unknown option '-c'; use -n NUMBER"],
    // Values and words.
    ['call h:1 X --max-messages 0', "--max-messages: '0' is not a whole number of at least 1"],
    ['call h:1 X --timeout=soon', "--timeout: 'soon' is not a time; write 500ms, 5s, 1m30s, or none"],
    ['call h:1 X -H token', "--header: a text of 5 characters is not a header; write -H 'name: value'"],
    ['describe h:1 a.B c', "'c' is one argument too many"],
    // What is none of them.
    ['call h:1 X --wobble', "unknown option '--wobble'"],
    ['list h:1 -l -vv', "unknown option '-vv'"],
    ['bench h:1 X --constructor', "unknown option '--constructor'"],
    ['call h:1 X --valueOf', "unknown option '--valueOf'"],
    ['wobble', "unknown command 'wobble'"],
    // What is right as it is.
    ['call h:1 X -vv -k -Iprotos -Hx:-plaintext --proto=-insecure', 'nothing'],
    ['call h:1 X -d -plaintext -H -data:x', 'nothing'],
    ['call h:1 X name=-plaintext', 'nothing'],
    ['call h:1 X -- -plaintext', 'nothing'],
  ];
  for (const [line, text] of rows) {
    it(`is told: ${line}`, async () => {
      expect(await told(words(line))).to.equal(text);
    });
  }

  it('is told with options that the command has', async () => {
    const { default: source } = { default: await import('../../lib/cli/other-tools.ts') };
    for (const entry of COMMANDS) {
      const { groups, name } = await entry.load();
      const known = new Set(
        groups.flatMap(({ options }) => options.flatMap(({ flags }) => flags.match(/--?[a-z-]+/gi) ?? [])),
      );
      for (const flag of known)
        expect(source.equivalentOption(flag, name), `${name} ${flag}`).to.not.equal(flag);
    }
  });
});
