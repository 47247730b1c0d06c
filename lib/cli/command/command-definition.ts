// What a command is: its words, its options and what it does, as data. The parser, the help, docs/cli.md and the shell
// completions are all made from these definitions, so none of them can say something else. Types, and what the flags of an
// option mean.

import type { Io } from './io.ts';

/** What the shell offers for a word or an option's value. */
export type Completion = 'target' | 'service' | 'method' | 'symbol' | 'field' | 'file' | 'directory';

/** One option. */
export interface OptionDefinition {
  /** As the parser takes it: `-H, --header <name: value>`. */
  readonly flags: string;
  readonly description: string;
  /** May be given several times; its value is an array. */
  readonly isRepeated?: boolean;
  /** Counts how often it is given (`-vv`). */
  readonly isCounted?: boolean;
  /** Makes the value of the text given. Throws a UsageError that says what is right. */
  readonly parse?: (text: string) => unknown;
  /** The text of a value, for `parse` to read again, where that is not what the value prints as. */
  readonly write?: (value: unknown) => string;
  readonly choices?: readonly string[];
  /** What holds when it is not given, in words. */
  readonly fallback?: string;
  readonly completion?: Completion;
  /** A path, which in a config file is relative to that file. */
  readonly isPath?: boolean;
}

/** Options under one heading. */
export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionDefinition[];
}

/** A word behind the command's name. */
export interface ArgumentDefinition {
  readonly name: string;
  readonly description: string;
  readonly isOptional?: boolean;
  /** May be left out where another word looks like this. */
  readonly isOptionalWith?: RegExp;
  /** Takes all words that are left. */
  readonly isRepeated?: boolean;
  /** What may stand here, where that is a list. */
  readonly choices?: readonly string[];
  readonly completion?: Completion;
}

interface Example {
  /** What it does. */
  readonly says: string;
  readonly line: string;
}

/** A command. `Options` is what its groups give together, by the options' names in camel case. */
export interface Command<Options extends object = object> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Further paragraphs for its own help. */
  readonly description?: string;
  readonly arguments: readonly ArgumentDefinition[];
  readonly groups: readonly OptionGroup[];
  readonly examples: readonly Example[];
  /** Gives the exit status. Throws what `failure.ts` explains. */
  run(words: readonly string[], options: Options, io: Io): Promise<number>;
}

/** A command before the rest of it is imported. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/** The name under which an option's value is found: `--import-path <dir>` is `importPath`, `--no-color` is `color`. */
export function optionName(flags: string): string {
  const long = /--(?:no-)?([a-z][a-z0-9-]*)/.exec(flags)?.[1] ?? '';
  return long.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** How an option is written in full: `-c, --concurrency <number>` is `--concurrency`. */
export function longFlag(flags: string): string {
  return LONG_FLAG.exec(flags)?.[0] ?? flags;
}

const LONG_FLAG = /--[a-z0-9-]+/;

/** Whether a word is this option, and the next word its value. */
export function isOptionWithValue({ flags }: OptionDefinition, word: string): boolean {
  return flags.includes('<') && flags.split(/[ ,]+/).includes(word);
}
