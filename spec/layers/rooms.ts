// The rooms of lib: which folder may import what, as rooms.json says, held against the import statements of each file.
// A room is a folder without its sub-folders, which are rooms of their own. What is not allowed is forbidden.

import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';

export interface Room {
  /** What it is responsible for, in a line. */
  readonly is: string;
  /** Sub-folders that are of the same room. */
  readonly with?: readonly string[];
  /** The rooms, or single files below lib, that it may import, besides its own. */
  readonly imports: readonly string[];
  /** Those of which it may import types alone. */
  readonly types?: readonly string[];
  /** Modules from outside lib; `*` stands for all. */
  readonly modules: readonly string[];
}

/** By folder below lib, `.` for lib itself; the lowest first. */
export const rooms: Readonly<Record<string, Room>> = JSON.parse(
  readFileSync('spec/layers/rooms.json', 'utf8'),
) as Record<string, Room>;

export interface Import {
  readonly specifier: string;
  readonly isType: boolean;
}

/** What a file's import and export statements name, and its dynamic imports and type imports. */
export function importsOf(source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const found = code.matchAll(
    /(?:^|[\s;}(])(?:(?:import|export)\s+(type\s)?[^'"`;()]*?\bfrom|import)\s*\(?\s*(['"])([^'"\n]+)\2/g,
  );
  return Array.from(found, (match) => ({ specifier: match[3], isType: match[1] !== undefined })).filter(
    ({ specifier }) => !specifier.includes('${'),
  );
}

export function roomOf(file: string): string | undefined {
  const folder = posix.dirname(file);
  if (Object.hasOwn(rooms, folder)) return folder;
  return Object.keys(rooms).find((name) => rooms[name].with?.includes(folder));
}

/** What a file imports and must not, in words. */
export function violations(file: string, source: string): string[] {
  const name = roomOf(file);
  if (name === undefined) return [`${file} is in no room: give its folder a row in spec/layers/rooms.json`];
  const room = rooms[name];
  const wrong: string[] = [];
  for (const { specifier, isType } of importsOf(source)) {
    if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(file), specifier);
      const to = roomOf(target) ?? 'no room';
      const isAmong = (names: readonly string[]): boolean => names.includes(to) || names.includes(target);
      if (to === name || isAmong(room.imports) || (isType && isAmong(room.types ?? []))) continue;
      wrong.push(`${file} imports ${target} (${name} → ${to})`);
    } else if (isBuiltin(specifier) && !specifier.startsWith('node:')) {
      wrong.push(`${file} imports ${specifier} without node:`);
    } else if (!room.modules.includes('*') && !room.modules.includes(specifier)) {
      wrong.push(`${file} imports ${specifier} (${name})`);
    }
  }
  return wrong;
}

/** The TypeScript files of lib, as paths below it. */
export const files: readonly string[] = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'))
  .sort();

/** The rooms that a room may import. */
export function allowedOf(name: string): string[] {
  const { imports, types = [] } = rooms[name];
  const all = [...imports, ...types].map((to) => (to.endsWith('.ts') ? (roomOf(to) ?? to) : to));
  return [...new Set(all)];
}

/** How high each room is: above all that it may import. Throws where rooms import each other in a circle. */
export function floors(
  arrows: (name: string) => readonly string[],
  names: readonly string[],
): Map<string, number> {
  const found = new Map<string, number>();
  const visit = (name: string, path: readonly string[]): number => {
    if (path.includes(name)) {
      throw new Error(`rooms import each other: ${[...path.slice(path.indexOf(name)), name].join(' → ')}`);
    }
    let floor = found.get(name);
    if (floor === undefined) {
      floor = Math.max(-1, ...arrows(name).map((to) => visit(to, [...path, name]))) + 1;
      found.set(name, floor);
    }
    return floor;
  };
  for (const name of names) visit(name, []);
  return found;
}

const topOf = (name: string): string => (name === '.' ? 'index' : name.split('/')[0]);

/** The arrows between the rooms at the top, without those that follow from others. */
function topArrows(): Map<string, string[]> {
  const direct = new Map<string, Set<string>>();
  for (const name of Object.keys(rooms)) {
    const own = direct.get(topOf(name)) ?? new Set();
    direct.set(topOf(name), own);
    for (const to of allowedOf(name)) if (topOf(to) !== topOf(name)) own.add(topOf(to));
  }
  const reached = (from: string): Set<string> => {
    const all = new Set<string>();
    for (const to of direct.get(from) ?? []) for (const one of [to, ...reached(to)]) all.add(one);
    return all;
  };
  const kept = new Map<string, string[]>();
  for (const [from, targets] of direct) {
    const others = (to: string): boolean => [...targets].some((one) => one !== to && reached(one).has(to));
    kept.set(
      from,
      [...targets].filter((to) => !others(to)),
    );
  }
  return kept;
}

/** The rooms at the top as docs/architecture.md draws them: an arrow says "imports". */
export function picture(): string {
  const lines = [...topArrows()].flatMap(([from, targets]) => targets.map((to) => `  ${from} --> ${to}`));
  return ['graph TD', ...lines.sort()].join('\n');
}
