// One connection as the hostile server sees it: what the client sends is taken apart into frames, what the
// script of a case says is sent as it is, right or wrong. After its script a peer behaves and answers every
// further request, so that a client which kept the connection can show that it still works.

import type { Socket } from 'node:net';
import { PeerSocket, WAIT_MS } from './peer-socket.ts';
import {
  ACK,
  answer,
  DATA,
  END_STREAM,
  ERROR_CODES,
  type ErrorCode,
  GOAWAY,
  HEADERS,
  INITIAL_WINDOW_SIZE,
  type Octets,
  PING,
  RST_STREAM,
  SETTINGS,
  SETTINGS_ACK,
  type Setting,
  settings,
  WINDOW_UPDATE,
} from './wire.ts';

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** The frames of an ordinary answer. */
export type AnswerOf = (streamId: number) => Octets;

const PREFACE_OCTETS = 24;
const FRAME_HEADER_OCTETS = 9;
const DEFAULT_WINDOW_OCTETS = 65_535;

interface RequestState {
  octets: number;
  isWhole: boolean;
}

export class Peer extends PeerSocket {
  /** PINGs are answered. */
  isAnsweringPings = true;
  /** Requests answered in the ordinary way. */
  answered = 0;
  /** SETTINGS of the client, by id. */
  readonly clientSettings = new Map<number, number>();
  readonly #onAnswer: () => void;
  readonly #answerOf: AnswerOf;
  #octets: Buffer = Buffer.alloc(0);
  #hasPreface = false;
  #frames: Frame[] = [];
  readonly #requests = new Map<number, RequestState>();
  readonly #taken = new Set<number>();
  /** What this side may send; on streams, what it was given beyond the initial window. */
  #connectionWindow = DEFAULT_WINDOW_OCTETS;
  #initialWindow = DEFAULT_WINDOW_OCTETS;
  readonly #streamWindows = new Map<number, number>();

  constructor(socket: Socket, onAnswer: () => void, wire: Socket = socket, answerOf: AnswerOf = answer) {
    super(socket, wire);
    this.#answerOf = answerOf;
    this.#onAnswer = onAnswer;
  }

  // --- steps of a script

  /** Waits for the client's preface with its SETTINGS. */
  async preface(): Promise<void> {
    await this.frame('the preface', (one) => one.type === SETTINGS && (one.flags & ACK) === 0);
  }

  /** The server's part of a right start. */
  async greet(...entries: readonly Setting[]): Promise<void> {
    await this.preface();
    this.send(settings(...entries), SETTINGS_ACK);
  }

  /** Waits for the next request's HEADERS; gives its stream id. */
  async request(): Promise<number> {
    const head = await this.frame('a request', (one) => one.type === HEADERS);
    this.#taken.add(head.streamId);
    return head.streamId;
  }

  /** Waits until a whole request is there. */
  async wholeRequest(): Promise<number> {
    const id = await this.request();
    await this.requestEnd(id);
    return id;
  }

  /** A right start, and the first whole request. */
  async greetAndTakeRequest(): Promise<number> {
    await this.greet();
    return this.wholeRequest();
  }

  async requestEnd(streamId: number): Promise<void> {
    await this.until(`the end of request ${streamId}`, () => this.#requests.get(streamId)?.isWhole === true);
  }

  /** Octets of DATA that came on a stream. */
  requestOctets(streamId: number): number {
    return this.#requests.get(streamId)?.octets ?? 0;
  }

  /** Answers in the ordinary way. */
  answer(streamId: number): void {
    this.answered++;
    this.#onAnswer();
    this.send(this.#answerOf(streamId));
  }

  /** Waits for the client's GOAWAY with one of these codes. */
  async expectGoAway(...codes: readonly ErrorCode[]): Promise<void> {
    const { payload } = await this.frame(`GOAWAY ${codes.join(' or ')}`, (one) => one.type === GOAWAY);
    expectCode('GOAWAY', payload.readUInt32BE(4), codes);
  }

  /** Waits for the client's RST_STREAM with this code. */
  async expectReset(streamId: number, code: ErrorCode): Promise<void> {
    const { payload } = await this.frame(
      `RST_STREAM ${code}`,
      (one) => one.type === RST_STREAM && one.streamId === streamId,
    );
    expectCode('RST_STREAM', payload.readUInt32BE(0), [code]);
  }

  /** Waits for a frame and takes it out. */
  async frame(what: string, matches: (frame: Frame) => boolean, timeoutMs?: number): Promise<Frame> {
    let found = -1;
    const isThere = (): boolean => {
      found = this.#frames.findIndex(matches);
      return found >= 0;
    };
    await this.until(what, isThere, timeoutMs);
    return this.#frames.splice(found, 1)[0];
  }

  /** How many frames of a type came and were not waited for. */
  count(type: number): number {
    return this.#frames.filter((one) => one.type === type).length;
  }

  /** Sends DATA as the client's windows allow; with `isEnded`, on a stream that has none any more. */
  async sendWithinWindow(streamId: number, dataFrame: Octets, isEnded = false): Promise<void> {
    const size = dataFrame.length - FRAME_HEADER_OCTETS;
    const room = (): number => (isEnded ? this.#connectionWindow : this.window(streamId));
    await this.until('room in the window', () => room() >= size);
    this.#connectionWindow -= size;
    this.#streamWindows.set(streamId, (this.#streamWindows.get(streamId) ?? 0) - size);
    this.send(dataFrame);
  }

  /** What the client lets this side send on a stream at this moment. */
  window(streamId: number): number {
    return Math.min(this.#connectionWindow, this.#initialWindow + (this.#streamWindows.get(streamId) ?? 0));
  }

  // --- after the script

  /** Answers every whole request that no script has taken, until the connection ends. */
  async serve(): Promise<void> {
    const isNew = ([id, one]: [number, RequestState]): boolean => one.isWhole && !this.#taken.has(id);
    while (!this.isClosed) {
      const next = [...this.#requests].find(isNew);
      if (next === undefined) await this.change(WAIT_MS);
      else {
        this.#taken.add(next[0]);
        this.answer(next[0]);
      }
    }
  }

  protected receive(chunk: Buffer): void {
    this.#octets = this.#octets.length === 0 ? chunk : Buffer.concat([this.#octets, chunk]);
    if (!this.#hasPreface) {
      if (this.#octets.length < PREFACE_OCTETS) return;
      this.#octets = this.#octets.subarray(PREFACE_OCTETS);
      this.#hasPreface = true;
    }
    while (this.#octets.length >= FRAME_HEADER_OCTETS) {
      const end = FRAME_HEADER_OCTETS + this.#octets.readUIntBE(0, 3);
      if (this.#octets.length < end) break;
      this.#onFrame({
        type: this.#octets[3],
        flags: this.#octets[4],
        streamId: this.#octets.readUInt32BE(5) & 0x7fff_ffff,
        payload: this.#octets.subarray(FRAME_HEADER_OCTETS, end),
      });
      this.#octets = this.#octets.subarray(end);
    }
    this.wake();
  }

  #onFrame(frame: Frame): void {
    const { type, flags, streamId, payload } = frame;
    const hasAck = (flags & ACK) !== 0;
    if (type === PING && !hasAck && this.isAnsweringPings) {
      this.send(pingAck(payload));
      return;
    }
    if (type === SETTINGS && !hasAck) this.#onSettings(payload);
    if (type === WINDOW_UPDATE) {
      const increment = payload.readUInt32BE(0);
      if (streamId === 0) this.#connectionWindow += increment;
      else this.#streamWindows.set(streamId, (this.#streamWindows.get(streamId) ?? 0) + increment);
    }
    if (type === HEADERS || type === DATA) {
      const request = this.#requests.get(streamId) ?? { octets: 0, isWhole: false };
      this.#requests.set(streamId, request);
      if (type === DATA) request.octets += payload.length;
      if ((flags & END_STREAM) !== 0) request.isWhole = true;
    }
    if (type !== DATA && type !== WINDOW_UPDATE) this.#frames.push(frame);
  }

  #onSettings(payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      const id = payload.readUInt16BE(at);
      const value = payload.readUInt32BE(at + 2);
      this.clientSettings.set(id, value);
      if (id === INITIAL_WINDOW_SIZE) this.#initialWindow = value;
    }
  }
}

function pingAck(opaque: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0, 0, 8, PING, ACK, 0, 0, 0, 0), opaque]);
}

function expectCode(what: string, seen: number, wanted: readonly ErrorCode[]): void {
  const name = ERROR_CODES[seen];
  if (name !== undefined && wanted.includes(name)) return;
  throw new Error(`the client sent ${what} ${name ?? seen}, not ${wanted.join(' or ')}`);
}
