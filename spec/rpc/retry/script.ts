// A server for specs of resilience: each request is answered by the next step of a script, the last step by all that
// come after.

import { echo, type Http2Peer, listenHttp2, type PeerStream } from '../../support/peers/peer.ts';

export type Step =
  /** Echoes the request's messages, when it is whole. */
  | 'echo'
  /** Never answers. */
  | 'silence'
  /** Reads nothing, so that flow control stops who writes, and never answers. */
  | 'deafness'
  /** The socket is cut off. */
  | 'loss'
  /** RST_STREAM(REFUSED_STREAM). */
  | 'refusal'
  /** A status, trailers-only. */
  | { readonly status: number; readonly fields?: readonly string[] };

export const PROTO = `
  syntax = "proto3";
  package test;
  message Text { string text = 1; }
  service Tests {
    rpc Plain(Text) returns (Text);
    rpc Read(Text) returns (Text) { option idempotency_level = NO_SIDE_EFFECTS; }
    rpc Put(Text) returns (Text) { option idempotency_level = IDEMPOTENT; }
    rpc Gather(stream Text) returns (Text);
    rpc List(Text) returns (stream Text);
    rpc Talk(stream Text) returns (stream Text);
  }
`;

export function listenScript(...steps: readonly Step[]): Promise<Http2Peer> {
  let next = 0;
  return listenHttp2((request) => {
    const step = steps[Math.min(next, steps.length - 1)];
    next++;
    play(request, step);
  });
}

function play(request: PeerStream, step: Step): void {
  switch (step) {
    case 'echo':
      echo(request);
      return;
    case 'silence':
      return;
    case 'deafness':
      request.onData = () => {};
      return;
    case 'loss':
      request.connection.socket.destroy();
      return;
    case 'refusal':
      request.stream.reset(7);
      return;
    default:
      request.head(
        [
          ':status',
          '200',
          'content-type',
          'application/grpc',
          'grpc-status',
          String(step.status),
          'grpc-message',
          'as the script has it',
          ...(step.fields ?? []),
        ],
        true,
      );
  }
}
