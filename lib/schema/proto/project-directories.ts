// The directories around a file that belong to its project, which imports may be relative to. A project is a
// repository, else what a build file says, else what is below the working directory; it never reaches past the home
// directory, nor into a directory that anyone may write to. Looks at names only; reads no file.

import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, parse, resolve, sep } from 'node:path';
import { isInside, workingDirectory } from './working-directory.ts';

/** What a repository has at its top. */
const REPOSITORY: readonly string[] = ['.git', '.hg', '.jj', '.svn'];

/** What lies at the top of a project, and often of each of its parts: the outermost one counts. */
const BUILD_FILES: readonly string[] = [
  'package.json',
  'buf.yaml',
  'buf.work.yaml',
  'go.mod',
  'go.work',
  'Cargo.toml',
  'pyproject.toml',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'settings.gradle',
  'settings.gradle.kts',
  'CMakeLists.txt',
  'MODULE.bazel',
  'WORKSPACE',
  'WORKSPACE.bazel',
  'deno.json',
];

/** Write permission for everybody; Windows has no such bit. */
const WRITABLE_BY_ALL = 0o002;

type Rank = 'repository' | 'build' | 'none' | 'outside';

/** One per load: it keeps what it finds. */
export class ProjectDirectories {
  readonly #ranks: Map<string, Promise<Rank>> = new Map();
  readonly #around: Map<string, Promise<readonly string[]>> = new Map();
  readonly #home: string | undefined = homeDirectory();
  readonly #workingDirectory: string = workingDirectory();

  /** The directory and those around it, the nearest first and the project's own last; empty outside any project. */
  around(directory: string): Promise<readonly string[]> {
    let found = this.#around.get(directory);
    if (found === undefined) {
      found = this.#climb(directory);
      this.#around.set(directory, found);
    }
    return found;
  }

  async #climb(start: string): Promise<readonly string[]> {
    const passed: string[] = [];
    let last = 0;
    const { root } = parse(start);
    for (let at = start; at !== root; at = dirname(at)) {
      const rank = await this.#rank(at);
      if (rank === 'outside') break;
      passed.push(at);
      if (rank !== 'none') last = passed.length;
      if (rank === 'repository' || at === this.#home) break;
    }
    if (last === 0) last = passed.indexOf(this.#workingDirectory) + 1;
    return passed.slice(0, last);
  }

  #rank(directory: string): Promise<Rank> {
    let rank = this.#ranks.get(directory);
    if (rank === undefined) {
      rank = this.#look(directory);
      this.#ranks.set(directory, rank);
    }
    return rank;
  }

  async #look(directory: string): Promise<Rank> {
    // Directories above the home directory belong to other people.
    if (this.#home !== undefined && isAbove(directory, this.#home)) return 'outside';
    const stats = await stat(directory).catch(() => undefined);
    // In /tmp and the like, anybody could plant the file that an import names.
    if (stats === undefined || (sep === '/' && (stats.mode & WRITABLE_BY_ALL) !== 0)) return 'outside';
    if (await hasOneOf(directory, REPOSITORY)) return 'repository';
    return (await hasOneOf(directory, BUILD_FILES)) ? 'build' : 'none';
  }
}

async function hasOneOf(directory: string, names: readonly string[]): Promise<boolean> {
  const there = await Promise.all(
    names.map((name) =>
      stat(join(directory, name)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return there.includes(true);
}

function isAbove(directory: string, other: string): boolean {
  return directory !== other && isInside(other, directory);
}

/** Undefined where the system knows no home directory. */
function homeDirectory(): string | undefined {
  try {
    const home = homedir();
    return home === '' ? undefined : resolve(home);
  } catch {
    // No HOME, and no entry for the user: then there is nothing to stop at.
    return undefined;
  }
}
