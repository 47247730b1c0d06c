// Which names of schema files may be written as files. They came with the schema, perhaps from a server: none may leave the
// directory, be something that another tool runs or reads (a makefile, a hook, a device), or replace another file.

import { SchemaError } from '../../values/errors.ts';
import { shortened } from '../../values/text/shortened-text.ts';

/** The most that file systems accept for one part of a path, in octets. */
const MAX_PART_OCTETS = 255;
/** The most for a whole name, in octets, so that PATH_MAX leaves room for the directory's own path. */
const MAX_NAME_OCTETS = 1024;

/** Control characters and those that hide or reorder text; what Windows refuses; what a shell expands. */
const CHARACTERS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\:*?"<>|$`;&'!]/u;
/** Device names of Windows, which are devices with any extension and in any directory. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|clock)\s*(?:\.|$)/i;

/** Throws a SchemaError that says which name cannot be written, and why; all must end in `extension`. */
export function checkFileNames(names: readonly string[], extension: string): void {
  for (const name of names) {
    const problem = problemOf(name, extension);
    if (problem !== undefined) throw refusal(name, problem, extension);
  }
  checkDistinct(names, extension);
}

function refusal(name: string, problem: string, extension: string): SchemaError {
  const instead = extension === '.proto' ? ' (a descriptor set keeps any name)' : '';
  const shown = shortened(name, MAX_PART_OCTETS);
  return new SchemaError(`the file name ${JSON.stringify(shown)} ${problem}; nothing was written${instead}`);
}

function problemOf(name: string, extension: string): string | undefined {
  const parts = name.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'leads out of the directory';
  if (/^[a-z]:/i.test(name) || name.includes('\\')) return 'leads out of the directory';
  const character = CHARACTERS.exec(name)?.[0];
  if (character !== undefined) return `contains ${spelled(character)}`;
  if (octets(name) > MAX_NAME_OCTETS) return `is longer than ${MAX_NAME_OCTETS} octets`;
  for (const part of parts) {
    if (octets(part) > MAX_PART_OCTETS) return `has a part of more than ${MAX_PART_OCTETS} octets`;
    if (part.startsWith('.')) return 'has a part that begins with a dot';
    if (part.startsWith('-')) return 'has a part that begins with a dash';
    if (part.startsWith('~')) return 'has a part that begins with a tilde';
    if (/^\s|[.\s]$/.test(part)) return 'has a part that begins with a space, or ends with a space or a dot';
    if (DEVICE.test(part)) return `has a part that is the name of a device, ${JSON.stringify(part)}`;
  }
  return name.endsWith(extension) ? undefined : `does not end in ${extension}`;
}

function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0x20 && code < 0x7f ? `the character ${character}` : `U+${hex(code)}`;
}

const hex = (code: number): string => code.toString(16).toUpperCase().padStart(4, '0');

const octets = (text: string): number => Buffer.byteLength(text);

/**
 * Refuses two names that are one file where case and Unicode form do not matter, and a name that is another's
 * directory.
 */
function checkDistinct(names: readonly string[], extension: string): void {
  const taken = new Map<string, string>();
  for (const name of names) {
    const key = folded(name);
    const other = taken.get(key);
    if (other !== undefined) {
      throw refusal(name, `is the same as ${JSON.stringify(other)} on some systems`, extension);
    }
    taken.set(key, name);
  }
  for (const name of names) {
    const key = folded(name);
    for (let at = key.indexOf('/'); at >= 0; at = key.indexOf('/', at + 1)) {
      const file = taken.get(key.slice(0, at));
      if (file !== undefined) throw refusal(name, `is below the file ${JSON.stringify(file)}`, extension);
    }
  }
}

/** As macOS and Windows compare names. */
const folded = (name: string): string => name.normalize('NFC').toUpperCase().toLowerCase();
