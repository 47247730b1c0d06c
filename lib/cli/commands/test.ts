// `stubless test`: runs files of requests, and tells what did not come as expected.

import { resolve } from 'node:path';
import { MistakesError } from '../../requests/file/source-file.ts';
import { Secrets } from '../../requests/secrets.ts';
import type { Command, OptionGroup } from '../command/command-definition.ts';
import { tellFailure } from '../command/explain.ts';
import { EXIT } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { CONNECTION, type ConnectionValues } from '../options/connection.ts';
import { REQUEST, type RequestValues } from '../options/request.ts';
import { SCHEMA, type SchemaValues } from '../options/schema-options.ts';
import { VARIABLES, type VariableValues } from '../options/variables.ts';
import { findRequestFiles } from '../request-files/find-files.ts';
import { tellMistakes } from '../request-files/mistakes.ts';
import { openRequestFile } from '../request-files/read-file.ts';
import { reportMistakes } from '../request-files/report-files.ts';
import { RUN, type RunValues } from '../request-files/run-options.ts';
import { isSnapshotFile } from '../request-files/snapshot-files.ts';
import { runTests } from '../request-files/test-run.ts';
import { watching } from '../request-files/watch.ts';

interface TestValues
  extends RunValues,
    VariableValues,
    ConnectionValues,
    Omit<RequestValues, 'retry'>,
    SchemaValues {}

/** Without the retries of a call, which are another thing than those of a test. */
const CALLS: OptionGroup = {
  ...REQUEST,
  options: REQUEST.options
    .filter(({ flags }) => !flags.startsWith('--retry'))
    .map((option) =>
      option.flags.startsWith('--timeout')
        ? {
            ...option,
            description:
              'limit for each call that the file gives none: 500ms, 5s, 2m or none; a number alone is seconds',
            fallback: '10s',
          }
        : option,
    ),
};

export const test: Command<TestValues> = {
  name: 'test',
  summary: 'run requests from files, and check what comes back',
  description: `Files are YAML or JSON; in a folder, those called *.requests.yaml, .yml or .json. docs/requests.md describes them.
Exit status: 0 all passed; 1 a request failed, or a file has a mistake; 2 usage; 130 interrupted.`,
  arguments: [
    {
      name: 'file',
      description: 'files, or folders of them; without any, this folder',
      isOptional: true,
      isRepeated: true,
      completion: 'file',
    },
  ],
  groups: [RUN, VARIABLES, SCHEMA, CONNECTION, CALLS],
  examples: [
    { says: 'every file of requests below this folder', line: 'stubless test .' },
    { says: 'one file, each request shown', line: 'stubless test hello.requests.yaml -v' },
    {
      says: 'in CI, against an environment of the config file',
      line: 'stubless test tests --env staging --report junit=results.xml',
    },
  ],
  async run(words, options, io) {
    io.keepsStatus = true;
    // A mistake of the line is told once, and not again at each change.
    findRequestFiles(words);
    const run = (): Promise<number> => runOnce(words, options, io);
    if (options.watch !== true) return run();
    const reports = new Set((options.report ?? []).map(({ path }) => resolve(path)));
    return watching(words, (path) => reports.has(path) || isSnapshotFile(path), io, run);
  },
};

async function runOnce(words: readonly string[], options: TestValues, io: Io): Promise<number> {
  const secrets = new Secrets();
  try {
    return await runTests(findRequestFiles(words).map(openRequestFile), options, io, secrets);
  } catch (error) {
    if (error instanceof MistakesError) {
      tellMistakes(error, secrets, io);
      await reportMistakes(error, options.report ?? [], secrets, io);
      return EXIT.failed;
    }
    if (options.watch !== true) throw error;
    return tellFailure(error, io);
  }
}
