// Kubernetes' own Job controller in a process of its own (spec/suites/kubernetes/go): says which pods are to run, is told how they
// ended, and says what became of the Job.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PodStart } from './node.ts';

export const MANIFEST = join('.cache', 'kubernetes', 'manifest', 'manifest');

export interface JobEnd {
  readonly conditions: readonly string[];
  readonly succeeded: number;
  readonly failed: number;
  readonly completedIndexes: string;
  readonly failedIndexes: string;
  readonly podsCreated: number;
  readonly podsDeleted: number;
}

export class JobController {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #pods: PodStart[] = [];
  readonly #end: Promise<JobEnd>;
  readonly #closed: Promise<unknown>;
  #onPod: () => void = () => {};
  #failure: Error | undefined;

  constructor(manifestPath: string, secretsPath: string) {
    const child = spawn(MANIFEST, ['play', manifestPath, secretsPath]);
    this.#child = child;
    this.#closed = once(child, 'close');
    // Pods may end when the Job has.
    child.stdin.on('error', () => {});
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    this.#end = new Promise((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        const told = JSON.parse(line) as { readonly event: string };
        if (told.event === 'job') resolve(told as unknown as JobEnd);
        else {
          this.#pods.push(told as unknown as PodStart);
          this.#onPod();
        }
      });
      child.on('close', (code) => {
        this.#failure = new Error(`the Job controller ended with ${code}: ${complaint}`);
        reject(this.#failure);
        this.#onPod();
      });
    });
    this.#end.catch(() => {});
  }

  /** So many pods, by their index. */
  async pods(wanted: number): Promise<readonly PodStart[]> {
    while (this.#pods.length < wanted) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#onPod = resolve;
      });
    }
    return this.#pods.toSorted((one, other) => Number(one.index) - Number(other.index));
  }

  ended({ name }: PodStart, exitCode: number): void {
    this.#child.stdin.write(`${JSON.stringify({ pod: name, exitCode })}\n`);
  }

  /** What became of the Job, when all pods have ended. */
  async finished(): Promise<JobEnd> {
    const end = await this.#end;
    await this.#closed;
    return end;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
