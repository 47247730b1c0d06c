// Runs the command line's files with what V8 made of them in an earlier run, so that they are neither parsed nor compiled
// again. Node's own compile cache (22.8 and later) keeps a module as it was when it was loaded; this one keeps it as it was
// when a command ended, with every function that ran. It knows files and V8, and nothing of the commands.

import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** A file as it was when its code was kept: any other has code of its own. */
interface KeptFile {
  readonly file: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  /** Where its code lies in the pack, behind the head. */
  readonly from: number;
  readonly to: number;
  /** The CRC-32 of its code. */
  readonly sum: number;
}

type FoundFile = Omit<KeptFile, 'from' | 'to' | 'sum'>;

/** Modules of CommonJS, as `require` has them. */
interface CommonJsModule {
  exports: unknown;
}

type Wrapper = (
  exports: unknown,
  require: (id: string) => unknown,
  module: CommonJsModule,
  file: string,
  folder: string,
) => void;

/** On the first line, so that lines are those of the file. */
const BEFORE = '(function (exports, require, module, __filename, __dirname) { ';
const AFTER = '\n})';

const HEAD_OCTETS = 4;
/** Packs of versions and of Nodes that nobody has any more. */
const STALE_MS = 30 * 24 * 3600 * 1000;

/** The files of one command, each run once, and what V8 has made of them. */
export class CompiledCode {
  readonly #pack: string | undefined;
  readonly #kept = new Map<string, KeptFile>();
  readonly #modules = new Map<string, CommonJsModule>();
  /** What ran that the pack does not have, or has for another V8. */
  readonly #compiled: [FoundFile, Script][] = [];
  #code: Buffer = Buffer.alloc(0);

  /** @param pack the file of an earlier run, and of later ones; undefined for none */
  constructor(pack: string | undefined) {
    this.#pack = pack;
    if (pack !== undefined) this.#read(pack);
  }

  /** What a file exports. Throws what it throws. */
  require(file: string): unknown {
    const known = this.#modules.get(file);
    if (known !== undefined) return known.exports;
    const wrapper = this.#script(file).runInThisContext() as Wrapper;
    const module: CommonJsModule = { exports: {} };
    // As with Node's own: files that require each other see what there is so far.
    this.#modules.set(file, module);
    try {
      wrapper(module.exports, this.#requireOf(file), module, file, dirname(file));
    } catch (error) {
      this.#modules.delete(file);
      throw error;
    }
    return module.exports;
  }

  /** Writes what has run for the next run, if that is more than the last one left. Never throws. */
  keep(): void {
    if (this.#pack === undefined || this.#compiled.length === 0) return;
    try {
      const entries = this.#compiled.map(([found, script]): Entry => [found, script.createCachedData()]);
      const made = new Set(entries.map(([{ file }]) => file));
      // What other runs of this command needed, they will need again.
      for (const kept of this.#kept.values()) {
        if (made.has(kept.file) || !existsSync(kept.file)) continue;
        const code = this.#codeOf(kept);
        if (code !== undefined) entries.push([kept, code]);
      }
      write(this.#pack, entries);
    } catch {
      // A full or read-only disk: the next run compiles for itself.
    }
  }

  #requireOf(file: string): (id: string) => unknown {
    const folder = dirname(file);
    let others: NodeJS.Require | undefined;
    const require = (id: string): unknown => {
      if (id.startsWith('.')) return this.require(join(folder, id));
      const builtIn = process.getBuiltinModule(id);
      if (builtIn !== undefined) return builtIn;
      others ??= createRequire(file);
      return others(id);
    };
    // For scripts/commonjs/foreign-modules.js: an import() of their own, scripts of node:vm have only with a warning.
    return Object.assign(require, { import: (specifier: string): Promise<unknown> => import(specifier) });
  }

  #script(file: string): Script {
    const { source, ...found } = wrappedSource(file);
    const kept = this.#kept.get(file);
    const isSame =
      kept?.size === found.size && kept.mtimeMs === found.mtimeMs && kept.ctimeMs === found.ctimeMs;
    const cachedData = isSame ? this.#codeOf(kept) : undefined;
    const script = new Script(source, { filename: file, cachedData });
    if (cachedData === undefined || script.cachedDataRejected === true) this.#compiled.push([found, script]);
    return script;
  }

  /** undefined where it is not what was written, as after a power cut: V8 would run it all the same, and crash. */
  #codeOf({ from, to, sum }: KeptFile): Buffer | undefined {
    const code = this.#code.subarray(from, to);
    return crc32(code) === sum ? code : undefined;
  }

  #read(pack: string): void {
    try {
      const octets = readFileSync(pack);
      const length = octets.readUInt32LE(0);
      const head = octets.toString('utf8', HEAD_OCTETS, HEAD_OCTETS + length);
      const code = octets.subarray(aligned(HEAD_OCTETS + length));
      for (const kept of JSON.parse(head) as KeptFile[]) {
        if (kept.to <= code.length) this.#kept.set(kept.file, kept);
      }
      this.#code = code;
    } catch {
      // Not there yet, or not whole: a new one is made of this run.
      this.#kept.clear();
    }
  }
}

/** A file as one expression, in one piece: V8 copies what is put together. The package's files are ASCII. */
function wrappedSource(file: string): FoundFile & { readonly source: string } {
  const descriptor = openSync(file, 'r');
  try {
    const { size, mtimeMs, ctimeMs } = fstatSync(descriptor);
    const octets = Buffer.allocUnsafeSlow(BEFORE.length + size + AFTER.length);
    octets.write(BEFORE, 'latin1');
    for (let read = 0; read < size; ) {
      const more = readSync(descriptor, octets, BEFORE.length + read, size - read, null);
      if (more === 0) throw new Error(`${file} became shorter while it was read`);
      read += more;
    }
    octets.write(AFTER, BEFORE.length + size, 'latin1');
    return { file, source: octets.toString('latin1'), size, mtimeMs, ctimeMs };
  } finally {
    closeSync(descriptor);
  }
}

/** V8 wants its code at multiples of eight. */
function aligned(octets: number): number {
  return (octets + 7) & ~7;
}

type Entry = readonly [FoundFile, Buffer];

function write(pack: string, entries: readonly Entry[]): void {
  let at = 0;
  const files = entries.map(([{ file, size, mtimeMs, ctimeMs }, code]): KeptFile => {
    const from = at;
    at = aligned(from + code.length);
    return { file, size, mtimeMs, ctimeMs, from, to: from + code.length, sum: crc32(code) };
  });
  const head = Buffer.from(JSON.stringify(files));
  const start = aligned(HEAD_OCTETS + head.length);
  const octets = Buffer.alloc(start + at);
  octets.writeUInt32LE(head.length, 0);
  head.copy(octets, HEAD_OCTETS);
  entries.forEach(([, code], i) => {
    code.copy(octets, start + files[i].from);
  });
  const folder = dirname(pack);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Whole or not at all: another run may be reading. The number of a process is not enough of a name: containers that
  // share a home all have the same.
  const whole = `${pack}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  try {
    writeFileSync(whole, octets, { mode: 0o600, flag: 'wx' });
    renameSync(whole, pack);
  } catch (error) {
    // What a full disk took of it is not to stay there.
    rmSync(whole, { force: true });
    throw error;
  }
  removeStale(folder);
}

function removeStale(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (Date.now() - statSync(path).mtimeMs > STALE_MS) rmSync(path, { force: true });
  }
}
