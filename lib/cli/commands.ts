// The commands there are: name, one line, and where the rest is. Only the one that runs is imported.

import type { Command } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'call',
    summary: 'call a method',
    load: async () => (await import('./commands/call.ts')).call,
  },
  {
    name: 'list',
    summary: 'list services, or the methods of one',
    load: async () => (await import('./commands/list.ts')).list,
  },
  {
    name: 'describe',
    summary: 'show a service, method, message or enum as .proto source, JSON, or a request to fill in',
    load: async () => (await import('./commands/describe.ts')).describe,
  },
  {
    name: 'bench',
    summary: 'make load on a method and measure it',
    load: async () => (await import('./commands/bench.ts')).bench,
  },
];
