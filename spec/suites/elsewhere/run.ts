// Runs specs on a machine that has more, and less, than ours: `npm run elsewhere [-- mocha's options, specs]`.
// Without specs it takes those that meet the machine: files, processes, names, addresses, variables.
//
// A copy of the checkout lies at a path that has to be quoted; the environment has a proxy, another locale and time zone,
// colours, a foreign temporary directory, and no home; files are made for their owner alone; where there is root, somebody
// else runs them, and where there are namespaces, in one of a network without IPv6 and with a server on 50051.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Neither in a URL nor in a shell are these themselves. */
const FOLDER = 'a b#c%20d';
const NOBODY = 65534;

// Without braces: mocha takes them for a pattern only where there is an asterisk, too.
const SPECS: readonly string[] = [
  '*',
  'values/*',
  'values/*/*',
  'channel/naming/answers',
  'channel/naming/name-resolution',
  'channel/reachability',
  'channel/target/*',
  'cli/**/*',
  'call/bad-input',
  'call/running-calls',
  'call/unawaited-limit',
  'call/waits-of-calls',
  'catalog/schema-view',
  'client/exit',
  'client/health',
  'client/health-watch',
  'client/mistakes',
  'client/options',
  'client/process',
  'client/closing/*',
  'call/credentials/*',
  'observe/*',
  'schema/print/write-schema',
  'channel/socket/proxy*',
  'schema/proto/*',
  'schema/sources/*',
  'testing/*',
  'channel/socket/tls/*',
].map((pattern) => `.build/spec/${pattern}.spec.js`);

const PROXY = 'http://127.0.0.1:9';
const ENVIRONMENT: Readonly<Record<string, string>> = {
  LANG: 'tr_TR.UTF-8',
  LC_ALL: 'tr_TR.UTF-8',
  TZ: 'Asia/Kathmandu',
  HTTP_PROXY: PROXY,
  HTTPS_PROXY: PROXY,
  http_proxy: PROXY,
  https_proxy: PROXY,
  grpc_proxy: PROXY,
  NO_PROXY: 'example.com',
  FORCE_COLOR: '1',
  NODE_OPTIONS: '--enable-source-maps',
  GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: '/etc/ssl/none.pem',
  SSL_CERT_FILE: '/etc/ssl/none.pem',
  SHELL: '/usr/bin/fish',
  EDITOR: 'vi',
  TERM: 'xterm-256color',
  XDG_STATE_HOME: '/nonexistent',
  XDG_CONFIG_HOME: '/nonexistent',
};
const UNSET = ['HOME', 'CI', 'NO_COLOR'];

/** In a network of its own: no IPv6, and somebody on the port of every example. */
const WITHOUT_IPV6 = 'ip link set lo up && echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6';
const NETWORK =
  `${WITHOUT_IPV6} && ` +
  `node -e "require('node:net').createServer().listen(50051).unref(); require('node:child_process')` +
  `.spawn(process.argv[1], process.argv.slice(2), { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1))" "$@"`;

function can(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** What is checked out, and what is built of it. */
function copyCheckout(to: string): void {
  const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').filter(Boolean);
  for (const file of [...files, '.build', 'dist']) cpSync(file, join(to, file), { recursive: true });
  symlinkSync(resolve('node_modules'), join(to, 'node_modules'));
}

const root = mkdtempSync(join(tmpdir(), 'stubless-elsewhere-'));
const folder = join(root, FOLDER);
const temporary = join(root, 'tmp dir');
mkdirSync(folder);
mkdirSync(temporary);
chmodSync(root, 0o755);
copyCheckout(folder);

const isRoot = process.getuid?.() === 0;
if (isRoot) execFileSync('chown', ['-R', String(NOBODY), folder, temporary]);
const given = process.argv.slice(2);
const mocha = [process.execPath, 'node_modules/mocha/bin/mocha.js', '--parallel', '--no-color'];
// mocha only warns of them.
const absent = SPECS.filter((path) => !path.includes('*') && !existsSync(path));
if (absent.length > 0) throw new Error(`no such specs: ${absent.join(', ')}`);

const specs = given.some((word) => word.endsWith('.js')) ? [] : SPECS;
const asNobody =
  isRoot && can('setpriv', ['--version']) ? ['setpriv', `--reuid=${NOBODY}`, '--clear-groups'] : [];
const command = [...asNobody, 'sh', '-c', 'umask 077; exec "$@"', 'sh', ...mocha, ...given, ...specs];
const isApart = can('unshare', ['--net', 'sh', '-c', WITHOUT_IPV6]);
const [file, ...args] = isApart ? ['unshare', '--net', 'sh', '-c', NETWORK, 'sh', ...command] : command;

const env: Record<string, string | undefined> = { ...process.env, ...ENVIRONMENT, TMPDIR: temporary };
for (const name of UNSET) delete env[name];
const { status } = spawnSync(file, args, { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] });
rmSync(root, { recursive: true, force: true });
process.exitCode = status ?? 1;
