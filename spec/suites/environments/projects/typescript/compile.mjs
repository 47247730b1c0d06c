// Compiles the programs with one version of TypeScript, under every way to resolve modules that it knows, with
// declaration files checked.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const [version] = process.argv.slice(2);
const since = (first) => Number(version) >= first;
// plain.ts is compiled as programs were for years: to CommonJS, without "exports".
const plain = ['--module', 'commonjs', ...(since(6) ? ['--ignoreDeprecations', '6.0'] : [])];
const WAYS = [
  ['node16', ['module.mts', 'both.mts'], ['--module', 'node16', '--lib', 'es2022']],
  ['nodenext', ['module.mts', 'both.mts'], ['--module', 'nodenext', '--lib', 'esnext']],
  ['bundler', ['module.mts'], ['--module', 'esnext', '--lib', 'esnext,dom']],
  ...(since(7) ? [] : [['node10', ['plain.ts'], [...plain, '--lib', 'es2022']]]),
];
const tsc = join('node_modules', `typescript-${version}`, 'bin', 'tsc');
let failed = 0;
for (const [way, files, more] of WAYS) {
  // There is none, but above the folder there may be one.
  const alone = since(6) ? ['--ignoreConfig'] : [];
  const args = [
    ...alone,
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--types',
    'node',
    '--moduleResolution',
    way,
  ];
  const run = spawnSync(process.execPath, [tsc, ...args, ...more, ...files], { encoding: 'utf8' });
  if (run.status === 0) continue;
  failed++;
  console.log(`moduleResolution ${way}:\n${run.stdout}${run.stderr}`);
}
if (failed > 0) process.exitCode = 1;
else console.log('all compile');
