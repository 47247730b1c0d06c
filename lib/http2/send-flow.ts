// What is waiting to be sent, and whose turn it is (RFC 9113 §5.2, §6.9): DATA is cut to fit the windows and the frame
// size, and streams with waiting data take turns of one frame each at the connection's window. No state beyond windows
// and queues: what the end of a stream means is the host's business.

import { ConnectionFault, FLOW_CONTROL_ERROR } from './error-code.ts';
import { DEFAULT_WINDOW_OCTETS, MAX_WINDOW_OCTETS } from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { Stream, WaitingData } from './stream.ts';

export interface SendFlowHost {
  /** Octets of DATA went out. */
  dataSent(): void;
  /** END_STREAM of this stream is in the output. */
  sendEnded(stream: Stream): void;
  /** Everything that was waiting in a stream is in the output. */
  queueEmptied(stream: Stream): void;
}

/** From this size on, memory that belongs to the stream goes out as it is instead of being copied. */
const REFERENCE_OCTETS = 16_384;

export class SendFlow {
  /** The connection's window. */
  window: number = DEFAULT_WINDOW_OCTETS;
  /** The peer's SETTINGS_INITIAL_WINDOW_SIZE. */
  initialWindow: number = DEFAULT_WINDOW_OCTETS;
  /** Set while the socket is full: no DATA is written, except an empty frame that ends its stream. */
  isBlocked = false;
  readonly #writer: FrameWriter;
  readonly #maxOutputOctets: number;
  readonly #host: SendFlowHost;
  /** Streams that have data and room in their own windows, in the order of their turns. */
  #first: Stream | undefined = undefined;
  #last: Stream | undefined = undefined;
  #isPumping = false;

  constructor(writer: FrameWriter, maxOutputOctets: number, host: SendFlowHost) {
    this.#writer = writer;
    this.#maxOutputOctets = maxOutputOctets;
    this.#host = host;
  }

  /** Sends what may be sent now and keeps the rest; false when some of it has to wait. */
  write(
    stream: Stream,
    bytes: Uint8Array,
    start: number,
    end: number,
    owned: boolean,
    endStream: boolean,
  ): boolean {
    const length = end - start;
    if (stream.waiting === undefined) {
      const fits =
        length <= this.window &&
        length <= stream.sendWindow &&
        length <= this.#writer.maxFrameOctets &&
        this.#first === undefined &&
        !this.isBlocked &&
        this.#writer.octets < this.#maxOutputOctets;
      if (fits || length === 0) {
        if (length > 0 || endStream)
          this.#send(stream, bytes, start, end, endStream, owned && length >= REFERENCE_OCTETS);
        return true;
      }
    } else if (length === 0) {
      if (endStream && stream.lastWaiting !== undefined) stream.lastWaiting.endStream = true;
      return false;
    }
    const data: WaitingData = {
      bytes,
      start,
      end,
      endStream,
      byReference: owned && length >= REFERENCE_OCTETS,
      next: undefined,
    };
    this.#enqueue(stream, data);
    this.pump();
    if (!owned && data.start < data.end) {
      // Not slice, since Buffer's slice does not copy.
      data.bytes = new Uint8Array(bytes.subarray(data.start, data.end));
      data.end -= data.start;
      data.start = 0;
    }
    stream.wantsWritable = stream.waiting !== undefined;
    return !stream.wantsWritable;
  }

  /** Writes frames in turn until the windows or the data are used up, or the output is full. */
  pump(): void {
    // onWritable may write again, which comes back here: the loop below will see it.
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#first !== undefined && this.#canSend()) {
      const stream = this.#first;
      this.#leaveTurn(stream);
      this.#sendFrame(stream);
      if (stream.waiting !== undefined) {
        if (stream.sendWindow > 0) this.#enterTurn(stream);
      } else {
        this.#host.queueEmptied(stream);
      }
    }
    this.#isPumping = false;
  }

  /** Whether `pump` would write something. */
  get isReady(): boolean {
    return this.#first !== undefined && this.#canSend();
  }

  /** WINDOW_UPDATE for the connection; false when its window would be too large (§6.9.1). */
  growConnection(increment: number): boolean {
    if (this.window + increment > MAX_WINDOW_OCTETS) return false;
    this.window += increment;
    return true;
  }

  /** WINDOW_UPDATE for a stream; false when its window would be too large. */
  growStream(stream: Stream, increment: number): boolean {
    if (stream.sendWindow + increment > MAX_WINDOW_OCTETS) return false;
    stream.sendWindow += increment;
    this.#consider(stream);
    return true;
  }

  /** SETTINGS_INITIAL_WINDOW_SIZE moves the windows of all streams, even below zero (§6.9.2). */
  setInitialWindow(octets: number, streams: Iterable<Stream>): void {
    const difference = octets - this.initialWindow;
    this.initialWindow = octets;
    for (const stream of streams) {
      stream.sendWindow += difference;
      if (stream.sendWindow > MAX_WINDOW_OCTETS) {
        throw new ConnectionFault(
          FLOW_CONTROL_ERROR,
          'SETTINGS_INITIAL_WINDOW_SIZE makes a window exceed 2^31-1',
        );
      }
      if (stream.sendWindow > 0) this.#consider(stream);
      else if (stream.isInTurn) this.#leaveTurn(stream);
    }
  }

  /** Forgets what is waiting in a stream. */
  drop(stream: Stream): void {
    stream.waiting = undefined;
    stream.lastWaiting = undefined;
    stream.wantsWritable = false;
    if (stream.isInTurn) this.#leaveTurn(stream);
  }

  #canSend(): boolean {
    return this.window > 0 && !this.isBlocked && this.#writer.octets < this.#maxOutputOctets;
  }

  #enqueue(stream: Stream, data: WaitingData): void {
    if (stream.lastWaiting === undefined) stream.waiting = data;
    else stream.lastWaiting.next = data;
    stream.lastWaiting = data;
    this.#consider(stream);
  }

  /** Lets the stream wait for its turn if it has data and room in its window. */
  #consider(stream: Stream): void {
    if (stream.waiting !== undefined && stream.sendWindow > 0 && !stream.isInTurn) this.#enterTurn(stream);
  }

  /** Sends one frame of the first data waiting in the stream. */
  #sendFrame(stream: Stream): void {
    const data = stream.waiting;
    if (data === undefined) return;
    const limit = Math.min(stream.sendWindow, this.window, this.#writer.maxFrameOctets);
    const start = data.start;
    const end = Math.min(data.end, start + limit);
    const isLast = end === data.end;
    data.start = end;
    if (isLast) {
      stream.waiting = data.next;
      if (data.next === undefined) stream.lastWaiting = undefined;
    }
    this.#send(stream, data.bytes, start, end, data.endStream && isLast, data.byReference);
  }

  #send(
    stream: Stream,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
    byReference: boolean,
  ): void {
    const length = end - start;
    stream.sendWindow -= length;
    this.window -= length;
    if (byReference) this.#writer.dataByReference(stream.id, bytes, start, end, endStream);
    else this.#writer.data(stream.id, bytes, start, end, endStream);
    if (length > 0) this.#host.dataSent();
    if (endStream) this.#host.sendEnded(stream);
  }

  #enterTurn(stream: Stream): void {
    stream.isInTurn = true;
    stream.previousInTurn = this.#last;
    if (this.#last === undefined) this.#first = stream;
    else this.#last.nextInTurn = stream;
    this.#last = stream;
  }

  #leaveTurn(stream: Stream): void {
    const { previousInTurn, nextInTurn } = stream;
    if (previousInTurn === undefined) this.#first = nextInTurn;
    else previousInTurn.nextInTurn = nextInTurn;
    if (nextInTurn === undefined) this.#last = previousInTurn;
    else nextInTurn.previousInTurn = previousInTurn;
    stream.previousInTurn = undefined;
    stream.nextInTurn = undefined;
    stream.isInTurn = false;
  }
}
