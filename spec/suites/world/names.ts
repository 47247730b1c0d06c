// The name servers of a world: they answer, slowly or not at all, say that there is no such name, and change their minds.

import type { Dns } from '../../../lib/channel/naming/dns-resolver.ts';
import type { EventLoop } from './event-loop.ts';

export type NamingMood = 'answers' | 'silent' | 'nxdomain' | 'failing';

export class VirtualNames {
  #mood: NamingMood = 'answers';
  /** Questions that a silent server has not answered. */
  #open: (() => void)[] = [];
  delayMs: number;
  addresses: readonly string[];
  /** When it was asked. */
  readonly questions: number[] = [];
  /** How the questions ended. */
  readonly failures: number[] = [];
  readonly #loop: EventLoop;

  constructor(loop: EventLoop, addresses: readonly string[], delayMs: number) {
    this.#loop = loop;
    this.addresses = addresses;
    this.delayMs = delayMs;
  }

  get mood(): NamingMood {
    return this.#mood;
  }

  set mood(mood: NamingMood) {
    this.#mood = mood;
    const loop = this.#loop;
    for (const answer of this.#open.splice(0)) loop.client.ioAt(loop.nowMs + this.delayMs, answer);
  }

  /** What a client is given for node:dns. */
  readonly dns: Dns = {
    lookup: (host) => this.ask(host),
    resolve: (host) => this.ask(host),
    resolveTxt: () => Promise.resolve([]),
  };

  ask(host: string): Promise<{ address: string; family: number }[]> {
    const loop = this.#loop;
    this.questions.push(loop.nowMs);
    return new Promise((resolve, reject) => {
      const answer = (): void => {
        switch (this.#mood) {
          case 'silent':
            this.#open.push(answer);
            return;
          case 'nxdomain':
          case 'failing': {
            this.failures.push(loop.nowMs);
            const code = this.#mood === 'nxdomain' ? 'ENOTFOUND' : 'EAI_AGAIN';
            reject(Object.assign(new Error(`getaddrinfo ${code} ${host}`), { code, hostname: host }));
            return;
          }
          case 'answers':
            resolve(this.addresses.map((address) => ({ address, family: 4 })));
            return;
          default:
            this.#mood satisfies never;
        }
      };
      loop.client.ioAt(loop.nowMs + this.delayMs, answer);
    });
  }
}
