// `stubless test`: runs files of requests, and tells what did not come as expected.

import { MistakesError } from '../../requests/file/source-file.ts';
import { Secrets } from '../../requests/secrets.ts';
import type { Command, OptionGroup } from '../command/command-definition.ts';
import { EXIT } from '../command/failure.ts';
import { CONNECTION, type ConnectionValues } from '../options/connection.ts';
import { REQUEST, type RequestValues } from '../options/request.ts';
import { SCHEMA, type SchemaValues } from '../options/schema-options.ts';
import { VARIABLES, type VariableValues } from '../options/variables.ts';
import { findRequestFiles } from '../request-files/find-files.ts';
import { tellMistakes } from '../request-files/mistakes.ts';
import { openRequestFile } from '../request-files/read-file.ts';
import { RUN, type RunValues } from '../request-files/run-options.ts';
import { runTests } from '../request-files/test-run.ts';

interface TestValues
  extends RunValues,
    VariableValues,
    ConnectionValues,
    Omit<RequestValues, 'retry'>,
    SchemaValues {}

/** Without the retries of a call, which are another thing than those of a test. */
const CALLS: OptionGroup = {
  ...REQUEST,
  options: REQUEST.options.filter(({ flags }) => !flags.startsWith('--retry')),
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
    const secrets = new Secrets();
    const paths = findRequestFiles(words);
    try {
      return await runTests(paths.map(openRequestFile), options, io, secrets);
    } catch (error) {
      if (!(error instanceof MistakesError)) throw error;
      tellMistakes(error, secrets, io);
      return EXIT.failed;
    }
  },
};
