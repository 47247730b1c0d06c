// The waist, faked: a transport that opens a stream when a spec says so and writes down what is asked of it.

import type {
  Peer,
  RequestHead,
  StreamRequest,
  Transport,
  TransportStream,
} from '../../lib/rpc/transport.ts';

export const HEAD: RequestHead = { scheme: 'http', authority: 'a', path: '/s/m', fields: [] };
export const PEER: Peer = { address: '127.0.0.1:1' };

export class FakeStream implements TransportStream {
  /** What it was last told of its reader. */
  isAwaited: boolean | undefined;
  /** `write 7`, `write 7 end`, `end`, `reset 8`. */
  readonly commands: string[] = [];
  /** What was written, with the framing. */
  readonly written: Uint8Array[] = [];
  /** What `write` answers. */
  hasRoom = true;
  creditedOctets = 0;
  takenOctets = 0;
  isWritten: boolean | undefined;

  write(bytes: Uint8Array, start: number, end: number, _owned: boolean, endStream: boolean): boolean {
    this.commands.push(`write ${end - start}${endStream ? ' end' : ''}`);
    this.written.push(bytes.slice(start, end));
    return this.hasRoom;
  }

  end(): void {
    this.commands.push('end');
  }

  reset(code: number): void {
    this.commands.push(`reset ${code}`);
  }

  credit(octets: number, isAwaited: boolean): void {
    this.isAwaited = isAwaited;
    if (!(octets >= 0)) throw new RangeError(`credit of ${octets}`);
    this.creditedOctets += octets;
  }

  taken(octets: number): void {
    if (!(octets >= 0)) throw new RangeError(`taken of ${octets}`);
    this.takenOctets += octets;
  }
}

export class FakeTransport implements Transport {
  readonly requests: StreamRequest[] = [];
  readonly withdrawn: StreamRequest[] = [];
  /** So many requests are refused a stream at once, as while a channel waits before it dials again. */
  refusals = 0;

  open(request: StreamRequest): void {
    this.requests.push(request);
    if (this.requests.length <= this.refusals) request.onEnd({ kind: 'unopened', reason: 'no connection' });
  }

  withdraw(request: StreamRequest): void {
    this.withdrawn.push(request);
  }
}
