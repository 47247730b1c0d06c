// `stubless completion`: the script that a shell asks for candidates with. The script runs `stubless completion` again
// with the line so far; what that answers is completion.ts's.

import type { Command } from '../command/command-definition.ts';
import { EXIT, UsageError } from '../command/failure.ts';
import { candidates } from '../completion/completion.ts';
import { DIRECTORIES, FILES, SCRIPTS } from '../completion/completion-scripts.ts';
import { unfinishedWords } from '../requests/line-words.ts';

interface CompletionValues {
  readonly words?: boolean;
  readonly line?: string;
}

export const completion: Command<CompletionValues> = {
  name: 'completion',
  summary: 'print a shell script that completes commands, options, services and methods',
  description:
    'Services, methods, fields and enum values come from the target on the line, within two seconds.',
  arguments: [
    {
      name: 'shell',
      description: 'bash, zsh or fish',
      isRepeated: true,
      isOptional: true,
      choices: [...SCRIPTS.keys()],
    },
  ],
  groups: [
    {
      title: 'Completion',
      options: [
        {
          flags: '--words',
          description: 'used by zsh and fish: print the candidates for the last of the words after --',
        },
        { flags: '--line <text>', description: 'used by bash: the same, for a line as it was typed' },
      ],
    },
  ],
  examples: [
    {
      says: 'for bash, in ~/.bashrc',
      line: 'stubless completion bash > ~/.stubless-completion && . ~/.stubless-completion',
    },
  ],
  async run(words, options, io) {
    const { line } = options;
    if (options.words === true || line !== undefined) {
      const { words: found, files } = await candidates(
        line === undefined ? words : unfinishedWords(line),
        io,
      );
      for (const word of found) await io.out.line(word);
      if (files !== undefined) await io.out.line(files === 'file' ? FILES : DIRECTORIES);
      return EXIT.ok;
    }
    const script = SCRIPTS.get(words[0] ?? '');
    if (words.length !== 1 || script === undefined) {
      const given = words.length === 0 ? '' : `, not '${words.join(' ')}'`;
      throw new UsageError(`give a shell, one of ${[...SCRIPTS.keys()].join(', ')}${given}`);
    }
    await io.out.write(script);
    return EXIT.ok;
  },
};
