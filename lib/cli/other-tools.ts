// What users of grpcurl, buf curl, evans, ghz, grpc_cli, hurl, newman and Bruno write, and what to write here. Imported only for an error.

import { LOAD } from './bench/load/load-options.ts';
import { SHARED_OPTIONS, takesValue } from './options/all.ts';

/** Options by their names without dashes: what to write instead, an option or a whole advice. */
const OPTIONS: Readonly<Record<string, string>> = {
  // grpcurl, and what others share with it
  'allow-unknown-fields': '--allow-unknown',
  cacert: '--ca FILE',
  'expand-headers': `leave it out: \${NAME} in a header always comes from the environment`,
  format: '--input for requests, -o for replies',
  'format-error': 'leave it out: the details of errors are always shown',
  'keepalive-time': '--keepalive TIME',
  'max-msg-sz': '--max-size SIZE',
  'max-time': '--timeout TIME',
  'msg-template': "'stubless describe … --template'",
  'proto-out-dir': "'stubless export … --proto-out DIR'",
  'protoset-out': "'stubless export … --protoset-out FILE'",
  servername: '--server-name NAME',
  unix: 'write unix:/path as the target',
  'use-reflection': '--reflect, to ask the server besides files',
  'very-verbose': '-vv',
  // curl
  'data-binary': '-d MESSAGE, or -d @FILE',
  'data-raw': '-d MESSAGE',
  json: '-d MESSAGE; replies are JSON unless -o says otherwise',
  X: 'leave it out: the method is the word after the target',
  // buf, and prototool
  'descriptor-set': '--protoset FILE',
  'descriptor-set-in': '--protoset FILE',
  'http2-prior-knowledge': '--plaintext',
  'list-methods': "'stubless list TARGET SERVICE'",
  'list-services': "'stubless list TARGET'",
  protocol: 'leave it out: gRPC is what is spoken',
  'reflect-protocol': 'leave it out: the version is found out',
  schema: "--proto PATH or --protoset FILE, or nothing for the server's reflection",
  'unix-socket': 'write unix:/path as the target',
  // evans
  certkey: '--key FILE',
  enrich: '-v, or -o full',
  f: '-d @FILE',
  file: '-d @FILE',
  host: 'write host:port as the target',
  p: 'write host:port as the target',
  package: "write the method's full name, PACKAGE.SERVICE/METHOD",
  path: '--import-path DIR',
  port: 'write host:port as the target',
  r: "leave it out: the server's reflection is the default",
  reflection: "leave it out: the server's reflection is the default",
  service: "write the method's full name, PACKAGE.SERVICE/METHOD",
  t: '--tls',
  // ghz
  async: '--rps NUMBER',
  B: '--input binary -d @FILE',
  'binary-file': '--input binary -d @FILE',
  call: 'write the method after the target',
  cname: '--server-name NAME',
  D: '-d @FILE',
  'data-file': '-d @FILE',
  i: '--import-path DIR',
  'import-paths': '--import-path DIR, once for each',
  'load-end': '--ramp FROM..TO:TIME',
  'load-schedule': '--ramp FROM..TO:TIME',
  'load-start': '--ramp FROM..TO:TIME',
  'load-step': '--ramp FROM..TO:TIME',
  m: "-H 'name: value'",
  'max-duration': '--duration TIME',
  metadata: "-H 'name: value', once for each",
  O: '--json, --csv or --html FILE',
  requests: '--total NUMBER',
  skipFirst: '--warm-up TIME',
  skipTLS: '--insecure',
  'stream-call-count': '--messages NUMBER',
  'stream-interval': '--message-interval TIME',
  // grpc_cli
  binary_input: '--input binary',
  binary_output: '-o binary',
  call_creds: '--token TOKEN',
  channel_creds_type: '--plaintext or --tls',
  enable_ssl: '--tls',
  descriptor_set_in: '--protoset FILE',
  infile: '-d @FILE',
  json_input: 'leave it out: requests are JSON unless --input says otherwise',
  json_output: 'leave it out: replies are JSON unless -o says otherwise',
  l: '-l',
  noremotedb: '--no-reflect',
  outfile: '> FILE',
  proto_path: '--import-path DIR',
  protofiles: '--proto FILE',
  ssl_target: '--server-name NAME',
};

/** What means something else to one command. */
const OPTIONS_OF: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  [
    'bench',
    {
      format: '--json, --csv or --html FILE',
      o: '--html FILE, or > FILE',
      output: '--html FILE, or > FILE',
      q: '--rps NUMBER',
      qps: '--rps NUMBER',
      r: '--rps NUMBER',
      t: '--timeout TIME',
    },
  ],
  [
    'export',
    {
      o: '--protoset-out FILE or --proto-out DIR',
      out: '--protoset-out FILE or --proto-out DIR',
      output: '--protoset-out FILE or --proto-out DIR',
    },
  ],
  ['ping', { c: '-n NUMBER' }],
  [
    'test',
    {
      'continue-on-error': 'leave it out: only --bail stops at a failure',
      e: '--env NAME',
      'env-var': '--var NAME=VALUE',
      environment: '--env NAME',
      'fail-fast': '--bail',
      filter: '--grep TEXT',
      folder: 'write the folder as it is',
      glob: 'write files and folders as they are',
      'iteration-data': 'write each: { csv: FILE } in the request',
      junit: '--report junit=FILE',
      'log-format': '--report junit=FILE or --report json=FILE',
      parallel: 'leave it out: files are run side by side, as many as -j says',
      'report-json': '--report json=FILE',
      'report-junit': '--report junit=FILE',
      reporter: '--report junit=FILE or --report json=FILE',
      'reporter-json': '--report json=FILE',
      'reporter-junit': '--report junit=FILE',
      reporters: '--report junit=FILE or --report json=FILE',
      secret: '--secrets FILE',
      'secrets-file': '--secrets FILE',
      t: '--grep TEXT, or --tag NAME',
      tags: '--tag NAME',
      test: "leave it out: 'stubless test' always checks what comes",
      u: '--update',
      updateSnapshot: '--update',
      variable: '--var NAME=VALUE',
      'variables-file': 'write an environment in stubless.config.yaml, and choose it with --env NAME',
    },
  ],
  ['types', { o: '--out FILE', output: '--out FILE' }],
]);

const COMMANDS_OF_OTHERS: Readonly<Record<string, string>> = {
  cli: 'repl',
  curl: 'call',
  desc: 'describe',
  evans: 'repl',
  ghz: 'bench',
  grpc_cli: 'call',
  grpcurl: 'call',
  invoke: 'call',
  load: 'bench',
  ls: 'list',
  run: 'test',
  services: 'list',
  shell: 'repl',
  show: 'list',
  type: 'describe',
  version: '--version',
};

/** What to write here instead of an option that this command does not know. */
export function equivalentOption(word: string, command: string): string | undefined {
  const name = nameOf(word);
  const tables = [OPTIONS_OF.get(command) ?? {}, OPTIONS];
  const here = tables.find((table) => Object.hasOwn(table, name))?.[name];
  return here === undefined || here === word ? undefined : inWords(here);
}

/** Options, commands and redirections are used; any other advice is a sentence already. */
const inWords = (here: string): string => (/^[-'>]/.test(here) ? `use ${here}` : here);

/** The server as evans and grpc_cli have it, in two options; undefined where neither is given. */
export function serverInOptions(argv: readonly string[]): string | undefined {
  const valueBehind = (flags: RegExp): string | undefined => {
    const at = argv.findIndex((word) => flags.test(word));
    if (at < 0) return undefined;
    return /^--[a-z]+=(.*)$/s.exec(argv[at])?.[1] ?? argv.at(at + 1);
  };
  const host = valueBehind(/^--host(?:=|$)/);
  const port = valueBehind(/^(?:-p$|--port(?:=|$))/);
  if (host === undefined && port === undefined) return undefined;
  return `${host ?? 'localhost'}:${port ?? 'PORT'}`;
}

/** What a command is called here. */
export function equivalentCommand(name: string): string | undefined {
  return Object.hasOwn(COMMANDS_OF_OTHERS, name) ? COMMANDS_OF_OTHERS[name] : undefined;
}

/**
 * The options of a line that are written with one dash, as Go's flags are: `-plaintext`. A parser would take it for
 * `-p -l -a …`, or `-data` for `-d` with the value `ata`.
 */
export function singleDashOptions(
  argv: readonly string[],
): readonly { readonly word: string; readonly here: string }[] {
  const found: { word: string; here: string }[] = [];
  for (let at = 0; at < argv.length && argv[at] !== '--'; at++) {
    const word = argv[at];
    if (takesValue(word)) at++;
    if (!/^-[A-Za-z][\w-]+(?:=.*)?$/s.test(word)) continue;
    const name = nameOf(word);
    const own = OWN.has(name) ? `--${name}` : undefined;
    const here = own ?? (Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined);
    if (here !== undefined) found.push({ word: `-${name}`, here: inWords(here) });
  }
  return found;
}

const nameOf = (word: string): string => word.replace(/^--?/, '').split('=')[0];

/** The long names of options. */
const OWN: ReadonlySet<string> = new Set(
  [...SHARED_OPTIONS, ...LOAD.options].flatMap(({ flags }) => /--([a-z][a-z-]*)/.exec(flags)?.[1] ?? []),
);
