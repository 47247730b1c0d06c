// All commands: name, summary, and where the rest is (commands/NAME.ts). Only the one that runs is imported.

import type { CommandEntry } from './command/command-definition.ts';

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
    summary:
      'show a service, method, message or enum as .proto source, JSON, JSON Schema, or a request to fill in',
    load: async () => (await import('./commands/describe.ts')).describe,
  },
  {
    name: 'export',
    summary: 'write a schema to disk, as a protoset, .proto files, JSON Schema or OpenAPI',
    load: async () => (await import('./commands/export.ts')).exportSchema,
  },
  {
    name: 'types',
    summary: 'write TypeScript declarations of a schema',
    load: async () => (await import('./commands/types.ts')).types,
  },
  {
    name: 'diff',
    summary: 'show what changed between two schemas, and whether it breaks callers',
    load: async () => (await import('./commands/diff.ts')).diff,
  },
  {
    name: 'health',
    summary: 'check the health of a server, or of one service; suitable for probes',
    load: async () => (await import('./commands/health.ts')).health,
  },
  {
    name: 'ping',
    summary: 'connect, show what answers, and measure round trips',
    load: async () => (await import('./commands/ping.ts')).ping,
  },
  {
    name: 'completion',
    summary: 'print a shell script that completes commands, options, services and methods',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
  {
    name: 'test',
    summary: 'run requests from files, and check what comes back',
    load: async () => (await import('./commands/test.ts')).test,
  },
  {
    name: 'import',
    summary: 'turn requests of other tools into a file of requests',
    load: async () => (await import('./commands/import.ts')).importRequests,
  },
  {
    name: 'bench',
    summary: 'load-test a method',
    load: async () => (await import('./commands/bench.ts')).bench,
  },
  {
    name: 'bench merge',
    summary: 'report the results of several bench --shard as one load',
    load: async () => (await import('./commands/bench-merge.ts')).benchMerge,
  },
  {
    name: 'bench compare',
    summary: 'show what changed between loads, and whether it is more than noise',
    load: async () => (await import('./commands/bench-compare.ts')).benchCompare,
  },
  {
    name: 'repl',
    summary: 'explore and call a server interactively, with JavaScript at hand',
    load: async () => (await import('./repl/repl-command.ts')).repl,
  },
];
