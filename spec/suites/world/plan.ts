// What happens in a world, as data: who is there, what is called, what goes wrong and when. Made from a seed
// (plan-maker.ts), played by world.ts, cut down by shrink.ts. Types only.

import type { LoadBalancingName } from '../../../lib/channel/balancing/load-balancing.ts';
import type { NamingMood } from './names.ts';
import type { Path } from './pipe.ts';

/** How a server answers one attempt of a call. */
export type Answer =
  | { readonly kind: 'ok'; readonly delayMs: number; readonly octets: number }
  | {
      readonly kind: 'status';
      readonly code: number;
      readonly delayMs: number;
      readonly pushbackMs?: number | undefined;
      readonly afterHeaders: boolean;
    }
  | { readonly kind: 'refuse' }
  | {
      readonly kind: 'reset';
      readonly code: number;
      readonly delayMs: number;
      readonly afterHeaders: boolean;
    }
  | { readonly kind: 'hang'; readonly afterHeaders: boolean };

export type Shape = 'unary' | 'server' | 'client' | 'bidi';

export interface CallPlan {
  readonly id: number;
  readonly atMs: number;
  readonly caller: string;
  readonly shape: Shape;
  /** For the first attempt, the second, …; the last for all that follow. */
  readonly answers: readonly Answer[];
  readonly timeoutMs: number;
  readonly waitForReady: boolean;
  readonly requestOctets: number;
  /** Of a request stream. */
  readonly requests: number;
  /** Of a reply stream. */
  readonly replies: number;
  /** Between messages of a stream, on both sides. */
  readonly gapMs: number;
  /** How long the server keeps the credit of what it received. */
  readonly readDelayMs: number;
  readonly cancelAfterMs?: number | undefined;
  readonly retry?: RetryPlan | undefined;
  readonly hedging?: { readonly maxAttempts: number; readonly delayMs: number } | undefined;
  readonly compression?: 'gzip' | undefined;
}

interface RetryPlan {
  readonly maxAttempts: number;
  readonly initialBackoffMs: number;
  readonly idempotent: boolean;
}

export interface HostPlan {
  readonly address: string;
  readonly path: Path;
  readonly startsUp: boolean;
  readonly maxStreams: number | undefined;
  /** nginx's keepalive_requests: GOAWAY after so many, and the end when they are answered. */
  readonly requestsPerConnection: number | undefined;
  /** grpc-go's MaxConnectionAge. */
  readonly ageMs: number | undefined;
  /** How long calls may go on behind a GOAWAY. */
  readonly graceMs: number;
  readonly health: 'none' | 'serving';
  /** A proxy in between ends health watches that were quiet for so long. */
  readonly healthCutMs: number | undefined;
  readonly wantsToken: boolean;
}

export type WorldEvent = { readonly atMs: number } & (
  | { readonly kind: 'kill'; readonly host: number; readonly isReset: boolean; readonly forMs: number }
  | { readonly kind: 'stop'; readonly host: number; readonly forMs: number }
  | { readonly kind: 'drain'; readonly host: number; readonly style: 'two-step' | 'one-step' }
  | {
      /** Another process listens on the port (SO_REUSEPORT), and the one before drains and closes its listener. */
      readonly kind: 'replace';
      readonly host: number;
      readonly style: 'two-step' | 'one-step';
      /** How many of the next connections wait at the listener that is closed. */
      readonly turnedAway: number;
      readonly isReset: boolean;
      /** From the end of its listener on. */
      readonly drainAfterMs: number;
    }
  | { readonly kind: 'gone'; readonly host: number; readonly forMs: number }
  | { readonly kind: 'frozen'; readonly host: number; readonly forMs: number }
  | { readonly kind: 'deaf'; readonly host: number; readonly forMs: number }
  | { readonly kind: 'half-close'; readonly host: number }
  | { readonly kind: 'limit'; readonly host: number; readonly maxStreams: number }
  | { readonly kind: 'unfit'; readonly host: number; readonly forMs: number }
  | { readonly kind: 'cut-health'; readonly host: number }
  | { readonly kind: 'names'; readonly mood: NamingMood; readonly forMs: number }
  | { readonly kind: 'addresses'; readonly hosts: readonly number[] }
  | { readonly kind: 'standstill'; readonly forMs: number }
  | { readonly kind: 'ready'; readonly timeoutMs: number }
);

export interface ClientPlan {
  readonly target: 'fixed' | 'dns' | 'resolver';
  /** Whether a resolver of the user's answers `refresh`. */
  readonly answersRefresh: boolean;
  readonly policy: LoadBalancingName;
  readonly healthCheck: boolean;
  readonly isTls: boolean;
  /** Credentials that ask who the caller is. */
  readonly credentials: boolean;
  readonly connectTimeoutMs: number;
  readonly keepalive:
    | { readonly intervalMs: number; readonly timeoutMs: number; readonly withoutCalls: boolean }
    | undefined;
  readonly maxConnections: number;
  readonly idleConnectionMs: number;
  readonly maxQueuedCalls: number;
  readonly dnsMinIntervalMs: number;
  readonly dnsDelayMs: number;
  readonly intercepts: boolean;
}

export interface WorldPlan {
  readonly seed: number;
  readonly kind: WorldKind;
  readonly hosts: readonly HostPlan[];
  readonly client: ClientPlan;
  readonly calls: readonly CallPlan[];
  readonly events: readonly WorldEvent[];
  /** From here on all is well. */
  readonly calmMs: number;
  readonly closing: ClosingPlan;
}

/**
 * `free`: everything may happen. `polite`: only what loses no call. `steady`: the network is well, and servers answer
 * each call as planned. `dead`: a server falls silent for long.
 */
export type WorldKind = 'free' | 'polite' | 'steady' | 'dead';

/** How the client is closed at the end: with how many calls running, and what goes wrong just then. */
export interface ClosingPlan {
  readonly graceMs: number;
  readonly calls: number;
  readonly trouble: 'none' | 'deaf' | 'gone' | 'frozen' | 'down' | 'lost' | 'nameless';
}
