// What becomes of .proto files that nobody wrote for us:
//
//   npm run wild -- DIR… [-I DIR…] [--verbose]
//
// Loads each file below the directories as a user would (the directory is given, and what -I names), compares its descriptor
// with protoc's, writes it as a set of descriptors and as .proto source, and reads it again from both. Prints a
// summary and each difference with its reason; exit status 1 if there is one, 2 for wrong words. A file that protoc
// refuses too is no difference. PROTOC names protoc (default: `protoc`); without it nothing is compared with it.

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../../lib/values/realm.ts';
import { Protoc } from '../../support/protoc.ts';
import { Tree, type TreeResult } from './tree.ts';

/** Of each kind; `--verbose` shows all. */
const MAX_SHOWN = 20;

function usage(message: string): never {
  console.error(`wild: ${message}\nusage: npm run wild -- DIR… [-I DIR…] [--verbose]`);
  process.exit(2);
}

function words(): { directories: string[]; includeDirs: string[]; isVerbose: boolean } {
  try {
    const options = {
      verbose: { type: 'boolean', default: false },
      'import-path': { type: 'string', short: 'I', multiple: true },
    } as const;
    const { positionals, values } = parseArgs({ allowPositionals: true, options });
    const includeDirs = values['import-path'] ?? [];
    return {
      directories: positionals.map((one) => resolve(one)),
      includeDirs: includeDirs.map((one) => resolve(one)),
      isVerbose: values.verbose,
    };
  } catch (error) {
    return usage(messageOf(error));
  }
}

function report({ directory, counts, differences }: TreeResult, isVerbose: boolean): void {
  const { files, accepted, refusedByBoth, compared, equal, protoset, source } = counts;
  console.log(`${directory}: ${files} .proto files`);
  console.log(`  accepted ${accepted}, refused ${files - accepted} (${refusedByBoth} by protoc, too)`);
  console.log(`  descriptors equal to protoc's: ${equal} of ${compared} compared`);
  console.log(`  written as a set of descriptors and read again: ${protoset} of ${accepted}`);
  console.log(`  written as .proto source and read again: ${source} of ${accepted}`);
  for (const [kind, all] of differences) {
    console.log(`  ${kind}: ${all.length}`);
    for (const one of isVerbose ? all : all.slice(0, MAX_SHOWN))
      console.log(`    ${one.replaceAll('\n', '\n      ')}`);
    if (!isVerbose && all.length > MAX_SHOWN)
      console.log(`    and ${all.length - MAX_SHOWN} more (--verbose)`);
  }
}

const { directories, includeDirs, isVerbose } = words();
if (directories.length === 0) usage('no directory was given');
for (const one of [...directories, ...includeDirs]) {
  if (statSync(one, { throwIfNoEntry: false })?.isDirectory() !== true) usage(`${one} is no directory`);
}
const protoc = new Protoc();
const version = protoc.version();
console.log(
  version === undefined ? 'protoc cannot be run (PROTOC names it): nothing is compared with it' : version,
);
let failed = 0;
let passed = 0;
for (const directory of directories) {
  const result = await new Tree(directory, includeDirs, version === undefined ? undefined : protoc).run();
  report(result, isVerbose);
  const wrong = [...result.differences.values()].reduce((sum, all) => sum + all.length, 0);
  failed += wrong;
  passed += result.counts.files - Math.min(wrong, result.counts.files);
}
protoc.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
