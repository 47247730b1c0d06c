// Peers of specs in a process of their own: one for all that a run starts, without V8's flags of this one, so that
// specs run under --disallow-code-generation-from-strings beside peers that cannot. It is no reason for this process
// to live, and ends with it.

import { type ChildProcess, type Control, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PeerAnswer, PeerArguments, PeerName, PeerOrder } from './peer-program.ts';

export interface RemotePeer {
  readonly port: number;
  /** What it remembers of its calls, if anything. */
  state(): Promise<unknown>;
  /** Ends all calls and connections at once. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** An order as it is given, before it has its number. */
type Wish = PeerOrder extends infer Order ? (Order extends PeerOrder ? Omit<Order, 'id'> : never) : never;

class PeerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  constructor(onEnd: () => void) {
    const program = fileURLToPath(new URL(`./peer-program${extname(import.meta.url)}`, import.meta.url));
    this.#child = fork(program, [], {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (answer: PeerAnswer) => this.#settle(answer));
    this.#child.once('exit', (code, signal) => {
      onEnd();
      for (const { reject } of this.#waiting.values())
        reject(new Error(`the process of the peers ended with ${signal ?? `status ${code}`}`));
    });
    this.#child.unref();
    this.#hold(false);
  }

  ask(wish: Wish): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#hold(true);
      this.#child.send({ id, ...wish });
    });
  }

  /** Whether this process lives for an answer. */
  #hold(isWaiting: boolean): void {
    // Bun's channels have neither; there mocha ends the process.
    const channel: Partial<Control> | null | undefined = this.#child.channel;
    if (isWaiting) channel?.ref?.();
    else channel?.unref?.();
  }

  #settle({ id, value, error }: PeerAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#hold(false);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  }
}

let home: PeerProcess | undefined;

export async function startPeer<Name extends PeerName>(
  name: Name,
  ...args: PeerArguments<Name>
): Promise<RemotePeer> {
  home ??= new PeerProcess(() => {
    home = undefined;
  });
  const place = home;
  const port = (await place.ask({ kind: 'start', name, args })) as number;
  return {
    port,
    state: () => place.ask({ kind: 'state', port }),
    async close() {
      await place.ask({ kind: 'close', port });
    },
  };
}
