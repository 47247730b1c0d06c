// A fault, carried out on the one call that it hits: before its handler runs, and after each of its replies. Which calls
// are hit is faults.ts's to say. It must not know what the handler does.

import { LongTimer } from '../values/clock.ts';
import { Metadata } from '../values/metadata.ts';
import { StatusCode } from '../values/status.ts';
import { codeOf, type Fault } from './faults.ts';
import type { CallEnd } from './status-fields.ts';

const H2_INTERNAL_ERROR = 2;
const H2_REFUSED_STREAM = 7;

/** The call as far as a fault can do something to it. */
export interface FaultyCall {
  readonly isDone: boolean;
  /** Ends it with a status that the client is sent. */
  end(end: CallEnd): void;
  /** RST_STREAM with an HTTP/2 error code. */
  reset(code: number): void;
  /** It is over, and the client is sent nothing more. */
  breakOff(details: string): void;
  /** What happens to its connection. */
  goAway(): void;
  disconnect(): void;
}

export class FaultInjection {
  readonly #fault: Fault;
  readonly #call: FaultyCall;

  constructor(fault: Fault, call: FaultyCall) {
    this.#fault = fault;
    this.#call = call;
  }

  /** Before the handler: whether the fault takes its place. */
  async replacesHandler(): Promise<boolean> {
    const fault = this.#fault;
    const call = this.#call;
    switch (fault.kind) {
      case 'truncate':
        return false;
      case 'delay':
        await new Promise<void>((resolve) => new LongTimer(resolve, fault.ms).unref());
        return call.isDone;
      case 'goAway':
        call.goAway();
        return false;
      case 'status':
        call.end({
          code: codeOf(fault.code) ?? StatusCode.UNKNOWN,
          details: fault.details ?? '',
          metadata: new Metadata(),
        });
        return true;
      case 'refuse':
        call.reset(H2_REFUSED_STREAM);
        call.breakOff('injected: refused');
        return true;
      case 'silence':
        return true;
      case 'reset':
      case 'disconnect':
        return this.breaksAfter(0);
      default:
        return fault satisfies never;
    }
  }

  /** After so many replies: whether it broke the call off. */
  breaksAfter(replies: number): boolean {
    const fault = this.#fault;
    if (fault.kind !== 'reset' && fault.kind !== 'disconnect') return false;
    if ((fault.after ?? 0) !== replies) return false;
    if (fault.kind === 'reset') {
      this.#call.reset(fault.code ?? H2_INTERNAL_ERROR);
      this.#call.breakOff('injected: reset');
    } else {
      this.#call.breakOff('injected: disconnected');
      this.#call.disconnect();
    }
    return true;
  }

  /** Whether the reply behind so many others is cut off in its middle, and the call ends as if all were well. */
  cutsOff(replies: number): boolean {
    return this.#fault.kind === 'truncate' && (this.#fault.after ?? 0) === replies;
  }
}
