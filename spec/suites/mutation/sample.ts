// Which files a run mutates: those that are named, or a sample that a seed decides.

import { readdirSync } from 'node:fs';
import { chance } from '../../support/chance.ts';

const FOLDERS = ['lib/channel', 'lib/rpc'];

function mutable(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${folder}/${file.replaceAll('\\', '/')}`),
  ).sort();
}

/** `rpc/outcome`, `lib/rpc/outcome.ts` and `outcome` name the same file. */
export function named(names: readonly string[]): string[] {
  const all = mutable();
  return names.map((name) => {
    const found = all.filter((file) => file === name || file.endsWith(`/${name.replace(/\.ts$/, '')}.ts`));
    const [file, other] = found;
    if (file === undefined || other !== undefined) {
      throw new RangeError(
        `--files ${name} must name one file of ${FOLDERS.join(' or ')}; it names ${found.join(', ') || 'none'}`,
      );
    }
    return file;
  });
}

export function sampled(seed: number, count: number): string[] {
  const random = chance(seed);
  return mutable()
    .map((file) => ({ file, order: random() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, count)
    .map(({ file }) => file)
    .sort();
}
