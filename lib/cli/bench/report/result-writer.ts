// Writes a load's result line by line as it is measured, so that a process that is killed has told what it saw. What stands in
// a line is result/result-document.ts's.

import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { VERSION } from '../../../values/version.ts';
import { writing } from '../../command/failure.ts';
import type { Io } from '../../command/io.ts';
import type { PlanPart } from '../plan/plan-part.ts';
import { Measurements, type MeasurementsDocument } from '../result/measurements.ts';
import {
  type ClockDocument,
  type MachineDocument,
  type PlanDocument,
  RESULT_FORMAT,
  type ResultDocument,
  type ThreadsDocument,
} from '../result/result-document.ts';
import { emptied } from './report-file.ts';

/** How the load stands when a line is written. */
export interface LoadFacts {
  readonly clock: ClockDocument;
  /** Since the measured part began; at the end until its last call ended. */
  readonly measuredMs: number;
  readonly cpuMs: number;
  readonly connections: number;
  readonly threads: ThreadsDocument;
}

const NO_FACTS: Omit<LoadFacts, 'clock'> = {
  measuredMs: 0,
  cpuMs: 0,
  connections: 0,
  threads: { count: 1, lost: [] },
};

export class ResultWriter {
  readonly #write: (text: string) => Promise<void>;
  readonly #close: () => Promise<void>;
  /** A text without the secrets of the command; numbers stay, or the line could not be read. */
  readonly #masked: (text: string) => string;
  readonly #about: Pick<ResultDocument, 'version' | 'run' | 'shard' | 'machine'>;
  #startAtMs: number | null;
  #clockOffsetMs = 0;
  #plan: PlanDocument | undefined;
  #pending = new Measurements(0);
  #line = 0;
  #isBroken = false;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    sink: { readonly write: (text: string) => Promise<void>; readonly close: () => Promise<void> },
    shard: PlanPart,
    startAtMs: number | undefined,
    machine: MachineDocument,
    masked: (text: string) => string,
  ) {
    this.#masked = masked;
    this.#write = sink.write;
    this.#close = sink.close;
    this.#about = {
      version: VERSION,
      run: randomUUID(),
      shard: { index: shard.index + 1, of: shard.of },
      machine,
    };
    this.#startAtMs = startAtMs ?? null;
  }

  /**
   * Throws a LocalError that says why it cannot be written.
   * @param path `-` for standard output
   */
  static async open(
    path: string,
    shard: PlanPart,
    startAtMs: number | undefined,
    machine: MachineDocument,
    io: Io,
  ): Promise<ResultWriter> {
    const sink = path === '-' ? standardOutput(io) : await fileOf(path);
    return new ResultWriter(sink, shard, startAtMs, machine, (text) => io.out.masked(text));
  }

  /** What all shards do together, once that is known. */
  set plan(plan: PlanDocument) {
    this.#plan = plan;
  }

  /**
   * Shards have met, and know when they begin.
   * @param startAtMs by the clock that they have in common
   * @param clockOffsetMs that clock less this one: times are written by the common one
   */
  begins(startAtMs: number, clockOffsetMs: number): void {
    this.#startAtMs = startAtMs;
    this.#clockOffsetMs = clockOffsetMs;
  }

  /** Keeps what was measured for the next line. */
  add(measured: MeasurementsDocument): void {
    this.#pending.addDocument(measured);
  }

  /** Writes a line. Rejects with a LocalError when it cannot; what it should have held goes into the next one. */
  write(state: 'running' | 'finished' | 'interrupted', facts: LoadFacts): Promise<void> {
    return this.#next(() => this.#document(state, facts));
  }

  /** Writes that the load could not begin, and why. */
  fail(error: string, readyAtMs: number): Promise<void> {
    const clock = { readyAtMs, startedAtMs: null, steppedMs: 0, server: null };
    return this.#next(() => this.#document('failed', { clock, ...NO_FACTS }, error));
  }

  /** After the last line. */
  async close(): Promise<void> {
    await this.#writing.catch(() => {});
    await this.#close();
  }

  #next(make: () => ResultDocument): Promise<void> {
    this.#writing = this.#writing
      .catch(() => {})
      .then(async () => {
        const document = make();
        try {
          // What a full disk took of the line before is not to spoil this one.
          await this.#write(`${this.#isBroken ? '\n' : ''}${this.#lineOf(document)}\n`);
          this.#isBroken = false;
          this.#line++;
        } catch (error) {
          this.#isBroken = true;
          this.#pending.addDocument(document.measured);
          throw error;
        }
      });
    return this.#writing;
  }

  #lineOf(document: ResultDocument): string {
    return JSON.stringify(document, (_, value: unknown) =>
      typeof value === 'string' ? this.#masked(value) : value,
    );
  }

  #document(state: ResultDocument['state'], facts: LoadFacts, error?: string): ResultDocument {
    const { version, run, shard, machine } = this.#about;
    return {
      stublessBench: RESULT_FORMAT,
      version,
      run,
      line: this.#line,
      state,
      ...(error === undefined ? {} : { error }),
      shard,
      ...(this.#plan === undefined ? {} : { plan: this.#plan }),
      startAtMs: this.#startAtMs,
      machine,
      clock: this.#commonClock(facts.clock),
      elapsedMs: facts.measuredMs,
      cpuMs: facts.cpuMs,
      connections: facts.connections,
      threads: facts.threads,
      measured: this.#pending.takeDocument(),
    };
  }

  #commonClock(clock: ClockDocument): ClockDocument {
    const offsetMs = this.#clockOffsetMs;
    const { readyAtMs, startedAtMs, server } = clock;
    return {
      ...clock,
      readyAtMs: readyAtMs + offsetMs,
      startedAtMs: startedAtMs === null ? null : startedAtMs + offsetMs,
      server: server === null ? null : [server[0] - offsetMs, server[1] - offsetMs],
    };
  }
}

export function machineHere(cores: number): MachineDocument {
  return { host: hostname(), platform: `${process.platform} ${process.arch}`, cores, runtime: runtimeName() };
}

function runtimeName(): string {
  const { bun, deno, node } = process.versions;
  if (bun !== undefined) return `bun ${bun}`;
  return deno === undefined ? `node ${node}` : `deno ${deno}`;
}

function standardOutput({ out }: Io) {
  return { write: async (text: string) => out.write(text), close: async () => {} };
}

async function fileOf(path: string) {
  // Until the first line, what an earlier run wrote stays.
  const handle = await writing(path, () => open(path, 'a'));
  let isFirst = true;
  return {
    write: (text: string) =>
      writing(path, async () => {
        if (isFirst) await emptied(handle);
        isFirst = false;
        await handle.writeFile(text);
      }),
    close: () => handle.close(),
  };
}
