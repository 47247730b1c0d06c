// Puts other JavaScript runtimes into .cache/runtimes/pinned, from the npm registry: the packages that hold the bare
// executables, which `node`, `bun` and `deno` on npm only choose from. They are not devDependencies, because
// they weigh 450 MB and only this check and the benchmark use them.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Runtime {
  readonly name: string;
  /** The executable. */
  readonly path: string;
  /** What stands between the executable and the script's path. */
  readonly args: readonly string[];
}

interface Source {
  readonly name: string;
  readonly args: readonly string[];
  /** npm package and version for this platform, and the executable in it. */
  readonly package: string;
  readonly executable: string;
}

function sources(): Source[] {
  const { arch, platform } = process;
  const nodePackage = `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
  const bunArch = arch === 'arm64' ? 'aarch64' : arch;
  const denoPackage = `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`;
  return [
    { name: 'node-22', args: [], package: `${nodePackage}@22.23.3`, executable: 'bin/node' },
    { name: 'node-24', args: [], package: `${nodePackage}@24.21.0`, executable: 'bin/node' },
    { name: 'bun', args: [], package: `@oven/bun-${platform}-${bunArch}@1.4.5`, executable: 'bin/bun' },
    {
      name: 'deno',
      args: ['run', '--allow-all', '--quiet'],
      package: `${denoPackage}@2.9.6`,
      executable: 'deno',
    },
  ];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // not there yet
  }
}

/** Installs what is missing and gives each runtime's executable, the one that runs this first. */
export function installRuntimes(folder = '.cache/runtimes/pinned'): Runtime[] {
  const wanted = sources();
  const manifest = JSON.stringify({
    private: true,
    dependencies: Object.fromEntries(wanted.map((s) => [s.name, `npm:${s.package}`])),
  });
  if (read(join(folder, 'installed.json')) !== manifest) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), manifest);
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
    writeFileSync(join(folder, 'installed.json'), manifest);
  }
  const extension = process.platform === 'win32' ? '.exe' : '';
  return [
    { name: `node-${process.versions.node}`, path: process.execPath, args: [] },
    ...wanted.map((s) => ({
      name: s.name,
      path: join(folder, 'node_modules', s.name, s.executable + extension),
      args: s.args,
    })),
  ];
}
