// One stream: its commands, for the layer above, and the state that the parts of the connection keep in it
// (RFC 9113 §5.1). The rules are in send-flow, receive-flow and frame-dispatch; this is the record they share.

import type { FieldList, StreamHandler } from './handlers.ts';

/** Data that is waiting to be sent. */
export interface WaitingData {
  bytes: Uint8Array;
  start: number;
  end: number;
  endStream: boolean;
  /** Large and ours to keep: goes to the output without a copy. */
  readonly byReference: boolean;
  next: WaitingData | undefined;
}

/** What a stream's commands need from its connection. */
export interface StreamOwner {
  write(
    stream: Stream,
    bytes: Uint8Array,
    start: number,
    end: number,
    owned: boolean,
    endStream: boolean,
  ): boolean;
  reset(stream: Stream, code: number): void;
  credit(stream: Stream, octets: number, isAwaited: boolean): void;
  taken(stream: Stream, octets: number): void;
  /** Whether the connection's output has left this process up to here, counted in octets from its start. */
  hasLeft(position: number): boolean;
  respond(stream: Stream, fields: FieldList, endStream: boolean): void;
}

/** What a stream has that is waiting to send: made when it has to, for as long as it does. */
export class SendQueue {
  readonly stream: Stream;
  first: WaitingData;
  last: WaitingData;
  /** Server role: trailers that follow what is waiting. */
  trailers: FieldList | undefined = undefined;
  /** A write returned false and onWritable has not come yet. */
  wantsWritable = false;
  /** Its place among those that could send if the connection could; see send-flow. */
  isInTurn = false;
  next: SendQueue | undefined = undefined;
  previous: SendQueue | undefined = undefined;

  constructor(stream: Stream, data: WaitingData) {
    this.stream = stream;
    this.first = data;
    this.last = data;
  }
}

const NOTHING = new Uint8Array(0);

export class Stream {
  readonly id: number;
  /** Gets the events. Set by the connection before the first of them. */
  handler: StreamHandler;
  readonly #owner: StreamOwner;

  /** Neither reset nor ended by both sides, so the connection still has it. */
  isOpen = true;
  /** Our END_STREAM was asked for; nothing more can be written. */
  isEnding = false;
  /** Our END_STREAM is in the output. */
  localEnded = false;
  /** The peer's END_STREAM arrived. */
  remoteEnded = false;
  /** The peer's head arrived: the next HEADERS are trailers. */
  headReceived = false;

  /** Octets that the header block of its request took on the wire. */
  headOctets = 0;
  /** Where in the connection's output the last DATA ends that refers to the writer's memory. */
  referredUntil = 0;
  /** How much the peer lets us send; below zero when it took some back. */
  sendWindow: number;
  /** undefined while nothing is waiting. */
  waiting: SendQueue | undefined = undefined;

  /** How much we let the peer send. */
  receiveWindow: number;
  /** The size that receiveWindow returns to when credit is given. */
  windowTarget: number;
  /** How much of that it grew by. */
  grownOctets = 0;
  /** Octets that arrived and have not been taken. */
  unread = 0;
  /** Octets that arrived and have not been credited; `unread - uncredited` octets are lent. */
  uncredited = 0;
  /** Credit that has not been sent to the peer. */
  pendingCredit = 0;
  /** The loan that it is waiting for, while too much is lent already. */
  wantedLoan = 0;
  /** Whether its reader is waiting for the message of which a part has come. */
  isAwaited = false;
  /** The content-length of the head, or -1; below, the octets of the body so far. */
  contentLength = -1;
  bodyOctets = 0;

  constructor(
    id: number,
    handler: StreamHandler,
    owner: StreamOwner,
    sendWindow: number,
    receiveWindow: number,
    windowTarget: number,
  ) {
    this.id = id;
    this.handler = handler;
    this.#owner = owner;
    this.sendWindow = sendWindow;
    this.receiveWindow = receiveWindow;
    this.windowTarget = windowTarget;
  }

  /**
   * Sends `bytes[start, end)` as DATA, as far as the windows allow; the rest waits. With `owned`, the memory
   * belongs to the stream from now on; otherwise it is copied before the call returns. Returns false when the
   * writer should wait for `onWritable`, and when the stream takes nothing more.
   */
  write(bytes: Uint8Array, start: number, end: number, owned: boolean, endStream: boolean): boolean {
    return this.#owner.write(this, bytes, start, end, owned, endStream);
  }

  /** Whether memory that was written as `owned` is referred to by nothing any more: what was sent of it has left this process. */
  get isWritten(): boolean {
    return this.waiting === undefined && this.#owner.hasLeft(this.referredUntil);
  }

  /** Half-closes this side. */
  end(): void {
    this.#owner.write(this, NOTHING, 0, 0, true, true);
  }

  /** RST_STREAM with an error code. The handler hears nothing more of this stream. */
  reset(code: number): void {
    this.#owner.reset(this, code);
  }

  /**
   * Gives credit for octets of an incomplete message, though they are still held; `isAwaited`: its reader is waiting for
   * it. While much is held, credit comes late, and first to the streams whose readers are waiting.
   */
  credit(octets: number, isAwaited = true): void {
    this.#owner.credit(this, octets, isAwaited);
  }

  /** These octets are no longer held. May come after the end. */
  taken(octets: number): void {
    this.#owner.taken(this, octets);
  }

  /** Server role: the response head, pseudo-header fields first. */
  headers(fields: FieldList, endStream: boolean): void {
    this.#owner.respond(this, fields, endStream);
  }

  /** Server role: ends the response with trailers, after all data that is waiting. */
  trailers(fields: FieldList): void {
    this.#owner.respond(this, fields, true);
  }
}
