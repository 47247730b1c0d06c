// `stubless import`: requests of other tools as a file of requests. What cannot be carried over is told, with its place.

import { existsSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from '../command/command-definition.ts';
import { EXIT, UsageError, writing } from '../command/failure.ts';
import { fileBytes } from '../command/file-bytes.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
import { allOf, isStdinPath, shownPath } from '../command/standard-input.ts';
import { importBru } from '../import/bru.ts';
import { importBruno } from '../import/bruno.ts';
import { importGctf } from '../import/gctf.ts';
import { importGrpcurl } from '../import/grpcurl.ts';
import { importHttp } from '../import/http-file.ts';
import type { Imported, Lost } from '../import/imported.ts';
import { noRequests } from '../import/no-requests.ts';
import { writtenFile } from '../import/written-file.ts';
import { NO_COLOUR } from '../options/output.ts';

interface ImportValues {
  readonly to?: string;
  readonly color?: boolean;
}

export const importRequests: Command<ImportValues> = {
  name: 'import',
  summary: 'turn requests of other tools into a file of requests',
  description: `Takes grpcurl command lines (of a script or a shell's history, or from the clipboard through a pipe),
GRPC requests of JetBrains' .http files, .gctf files of grpctestify, and Bruno's .bru and YAML.
What cannot be carried over is told, with file and line.`,
  arguments: [
    {
      name: 'file',
      description: 'files of other tools, or - for standard input',
      isOptional: true,
      isRepeated: true,
      completion: 'file',
    },
  ],
  groups: [
    {
      title: 'Output',
      options: [
        {
          flags: '--to <file>',
          description: 'write to this file, which must not be there yet',
          fallback: 'standard output',
          completion: 'file',
        },
        NO_COLOUR,
      ],
    },
  ],
  examples: [
    { says: 'a line from the clipboard', line: 'stubless import --to hello.requests.yaml < line.txt' },
    { says: 'files of other tools', line: 'stubless import api.http login.gctf --to api.requests.yaml' },
  ],
  async run(words, { to }, io) {
    if (to !== undefined && existsSync(to)) {
      throw new UsageError(`${to} is there already; give another name with --to`);
    }
    if (/^\s*grpcurl(?:\s|$)/.test(words[0] ?? '')) {
      throw new UsageError('pipe grpcurl lines in, or give a file of them: pbpaste | stubless import');
    }
    const paths = words.length === 0 ? ['-'] : words;
    if (words.length === 0 && io.standardInput() !== 'piped') {
      throw new UsageError('give a file of another tool, or pipe grpcurl lines in');
    }
    const imported: Imported[] = [];
    const texts: { readonly shown: string; readonly text: string }[] = [];
    for (const path of paths) {
      const text = await textOf(path, io);
      texts.push({ shown: shownPath(path), text });
      imported.push(importText(text, path, io));
    }
    const count = imported.reduce((sum, { requests }) => sum + requests.length, 0);
    if (count === 0) throw noRequests(texts);
    const text = writtenFile(imported, ({ messages }) => messages.length > 1);
    if (to === undefined) await io.out.write(text);
    else {
      await writing(to, () => writeFileSync(to, text));
      notice(io, `${count} ${count === 1 ? 'request' : 'requests'} in ${to}`);
    }
    return EXIT.ok;
  },
};

async function textOf(path: string, io: Io): Promise<string> {
  const bytes = isStdinPath(path) ? await allOf(io.stdin) : fileBytes(path);
  return bytes.toString('utf8');
}

function importText(text: string, path: string, io: Io): Imported {
  const lost: Lost = (line, what) => notice(io, `${shownPath(path)}:${line}: not carried over: ${what}`);
  if (/\.(?:http|rest)$/i.test(path) || /^GRPC\s/m.test(text)) return importHttp(text, lost);
  if (/\.gctf$/i.test(path) || /^---\s*ENDPOINT/m.test(text)) {
    return importGctf(text, basename(path).replace(/\.gctf$/i, ''), lost);
  }
  if (/\.bru$/i.test(path) || /^meta\s*\{\s*$/m.test(text)) return importBru(text, lost);
  if (/\.ya?ml$/i.test(path)) return importBruno(text, path, lost);
  return importGrpcurl(text, lost);
}
