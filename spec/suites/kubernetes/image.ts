// The image of the Dockerfile without Docker: its steps are followed in a folder, with what .dockerignore lets through. Only `npm ci`
// is left out, in whose place the checkout's own node_modules are linked.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface Image {
  /** The folder that is the image's /usr/local. */
  readonly local: string;
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
}

const NPM_CI = /^npm ci\b/;

/** Follows the steps in an empty folder. Throws for a step that it does not know. */
export function buildImage(folder: string): Image {
  rmSync(folder, { recursive: true, force: true });
  const places = new Map(
    ['source', 'package', 'installed'].map((name) => [`/${name}`, join(resolve(folder), name)]),
  );
  const source = join(resolve(folder), 'source');
  mkdirSync(source, { recursive: true });
  const here = (text: string): string =>
    text.replace(
      /(^|\s)(\/(?:source|package|installed))/g,
      (_, before: string, path: string) => before + (places.get(path) ?? path),
    );
  const final = { user: '', env: {} as Record<string, string>, entrypoint: [] as string[] };
  let stage = 0;
  for (const line of stepsOf('Dockerfile')) {
    const [, verb = '', rest = ''] = /^(\w+)\s+(.*)$/s.exec(line) ?? [];
    const isBuild = stage === 1;
    if (verb === 'FROM') stage++;
    else if (verb === 'COPY' && isBuild) copyAllowed(rest.split(/\s+/), source);
    else if (verb === 'RUN' && isBuild && NPM_CI.test(rest))
      symlinkSync(resolve('node_modules'), join(source, 'node_modules'));
    else if (verb === 'RUN' && isBuild)
      execFileSync('sh', ['-ec', here(rest)], { cwd: source, stdio: ['ignore', 'ignore', 'pipe'] });
    else if (verb === 'COPY' && rest === '--from=package /installed /usr/local') continue;
    else if (verb === 'ENV') final.env[rest.slice(0, rest.indexOf('='))] = rest.slice(rest.indexOf('=') + 1);
    else if (verb === 'USER') final.user = rest;
    else if (verb === 'ENTRYPOINT') final.entrypoint = JSON.parse(rest) as string[];
    else if (!['ARG', 'WORKDIR', 'LABEL', 'STOPSIGNAL'].includes(verb))
      throw new Error(`the Dockerfile has a step that is not followed: ${line}`);
  }
  return { local: join(resolve(folder), 'installed'), ...final };
}

/** Instructions, each on one line. */
function stepsOf(path: string): string[] {
  return readFileSync(path, 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

/** What .dockerignore excepts from its `*`, of the paths that are asked for. */
function copyAllowed(words: readonly string[], to: string): void {
  const lines = readFileSync('.dockerignore', 'utf8').split('\n');
  if (!lines.includes('*'))
    throw new Error('.dockerignore has no line * any more: follow it here as Docker does');
  const allowed = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const wanted = words.slice(0, -1);
  for (const path of allowed) {
    if (wanted.includes('.') || wanted.includes(path)) cpSync(path, join(to, path), { recursive: true });
  }
  const missing = wanted.filter((path) => path !== '.' && !allowed.includes(path));
  if (missing.length > 0)
    throw new Error(`.dockerignore leaves out ${missing.join(', ')}, which the Dockerfile copies`);
}
