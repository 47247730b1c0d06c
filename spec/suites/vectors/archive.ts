// The archives of published vectors, which stay out of the repository: unpacked for a run of the specs from
// $STUBLESS_SHARED/vectors (default ../shared). Where one is absent its specs are skipped and say so.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'mocha';

export interface VectorFile {
  /** Its path inside the archive. */
  readonly name: string;
  readonly content: unknown;
}

/** The .json files of an archive, or undefined (with a skipped spec that says so) where it is absent. */
export function vectorFiles(archive: string): readonly VectorFile[] | undefined {
  const path = join(process.env['STUBLESS_SHARED'] ?? '../shared', 'vectors', archive);
  if (!existsSync(path)) {
    console.log(`  skipped: there is no ${path} (STUBLESS_SHARED says where the archives are)`);
    it(`${archive} is not there.`);
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'stubless-vectors-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync('tar', ['xf', path, '-C', folder]);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  if (names.length === 0) throw new Error(`no vectors in ${path}`);
  return names
    .sort()
    .map((name) => ({ name, content: JSON.parse(readFileSync(join(folder, name), 'utf8')) }));
}
