// What idle clients take: 1,000 of this project's clients as it is published (dist/), each of a server of its own, in one
// process; memory a client before it connects, after a call, and idle, and the CPU time of all. `npm run bench:idle`
// prints a Markdown table and writes it to docs/benchmark-idle.md.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeCommit } from '../commit.ts';
import { repositoryRoot } from '../native.ts';
import { run, startServer } from '../processes.ts';

const CLIENTS = 1000;
const TARGET_KIB = 40;
const TIMEOUT_MS = 120_000;
const FORMS = {
  raw: 'no schema (`client.raw`)',
  schema: 'each loads bench.proto',
  own: 'each loads a schema like no other',
} as const;

interface Memory {
  readonly heap: number;
  readonly external: number;
  readonly rss: number;
}

interface Figures {
  readonly made: Memory;
  readonly called: Memory;
  readonly idle: Memory;
  readonly idleCpuMs: number;
  readonly idleMs: number;
}

const script = (name: string): string => fileURLToPath(new URL(`${name}.js`, import.meta.url));
const kib = (octets: number): string => (octets / 1024).toFixed(1);

const lines = [
  '# Idle clients',
  '',
  `${CLIENTS} clients of ${CLIENTS} servers in one process, Node ${process.version}, from \`npm run bench:idle\`. ${describeCommit()}.`,
  `KiB a client, beyond what the first client took; the target is under ${TARGET_KIB} of heap and external memory together.`,
  'Clients that load the same schema share it; the last rows are the same schema with a comment that differs.',
  '',
  '| clients | when | heap | external | both | RSS |',
  '|---|---|---:|---:|---:|---:|',
];
const notes: string[] = [];
const servers = await startServer([process.execPath, script('listeners'), String(CLIENTS + 1)], 1);
try {
  for (const [form, shown] of Object.entries(FORMS)) {
    const command = [process.execPath, '--expose-gc', script('clients'), form, servers.ready];
    const { output } = await run(command, 0, TIMEOUT_MS);
    const figures: Figures = JSON.parse(output);
    for (const [when, { heap, external, rss }] of [
      ['before it connects', figures.made],
      ['after a call', figures.called],
      ['idle', figures.idle],
    ] as const) {
      const cells = [heap, external, heap + external, rss].map(kib);
      lines.push(`| ${shown} | ${when} | ${cells.join(' | ')} |`);
    }
    notes.push(
      `- ${shown}: all clients together take ${figures.idleCpuMs.toFixed(0)} ms of CPU time in ${figures.idleMs / 1000} idle seconds.`,
    );
  }
} finally {
  await servers.stop();
}
const report = `${[...lines, '', ...notes].join('\n')}\n`;
console.log(report);
writeFileSync(join(repositoryRoot(), 'docs', 'benchmark-idle.md'), report);
