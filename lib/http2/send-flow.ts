// What is waiting to be sent, and whose turn it is (RFC 9113 §5.2, §6.9): DATA is cut to fit the windows and the frame
// size, and streams with waiting data take turns of one frame each at the connection's window. No state beyond windows
// and queues: what the end of a stream means is the host's business.

import { ConnectionFault, FLOW_CONTROL_ERROR } from './error-code.ts';
import { DEFAULT_WINDOW_OCTETS, MAX_WINDOW_OCTETS } from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import { SendQueue, type Stream, type WaitingData } from './stream.ts';

export interface SendFlowHost {
  /** Octets of DATA went out. */
  dataSent(): void;
  /** END_STREAM of this stream is in the output. */
  sendEnded(stream: Stream): void;
  /** Everything that was waiting in a stream is in the output. */
  queueEmptied(queue: SendQueue): void;
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
  /** What waits in streams that have room in their own windows, in the order of their turns. */
  #first: SendQueue | undefined = undefined;
  #last: SendQueue | undefined = undefined;
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
    const queue = stream.waiting;
    if (queue === undefined) {
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
      if (endStream) queue.last.endStream = true;
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
    if (stream.waiting === undefined) return true;
    stream.waiting.wantsWritable = true;
    return false;
  }

  /** Writes frames in turn until the windows or the data are used up, or the output is full. */
  pump(): void {
    // onWritable may write again, which comes back here: the loop below will see it.
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#first !== undefined && this.#canSend()) {
      const queue = this.#first;
      this.#leaveTurn(queue);
      this.#sendFrame(queue);
      if (queue.stream.waiting === undefined) this.#host.queueEmptied(queue);
      else this.#consider(queue.stream);
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
      else if (stream.waiting?.isInTurn) this.#leaveTurn(stream.waiting);
    }
  }

  /** Forgets what is waiting in a stream. */
  drop(stream: Stream): void {
    if (stream.waiting?.isInTurn) this.#leaveTurn(stream.waiting);
    stream.waiting = undefined;
  }

  #canSend(): boolean {
    return this.window > 0 && !this.isBlocked && this.#writer.octets < this.#maxOutputOctets;
  }

  #enqueue(stream: Stream, data: WaitingData): void {
    const queue = stream.waiting;
    if (queue === undefined) stream.waiting = new SendQueue(stream, data);
    else {
      queue.last.next = data;
      queue.last = data;
    }
    this.#consider(stream);
  }

  /** Lets the stream wait for its turn if it has data and room in its window. */
  #consider(stream: Stream): void {
    const queue = stream.waiting;
    if (queue !== undefined && stream.sendWindow > 0 && !queue.isInTurn) this.#enterTurn(queue);
  }

  /** Sends one frame of the first data waiting in a stream. */
  #sendFrame(queue: SendQueue): void {
    const { stream, first: data } = queue;
    const limit = Math.min(stream.sendWindow, this.window, this.#writer.maxFrameOctets);
    const start = data.start;
    const end = Math.min(data.end, start + limit);
    const isLast = end === data.end;
    data.start = end;
    if (isLast) {
      if (data.next === undefined) stream.waiting = undefined;
      else queue.first = data.next;
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
    if (byReference) {
      this.#writer.dataByReference(stream.id, bytes, start, end, endStream);
      stream.referredUntil = this.#writer.takenOctets + this.#writer.octets;
    } else this.#writer.data(stream.id, bytes, start, end, endStream);
    if (length > 0) this.#host.dataSent();
    if (endStream) this.#host.sendEnded(stream);
  }

  #enterTurn(queue: SendQueue): void {
    queue.isInTurn = true;
    queue.previous = this.#last;
    if (this.#last === undefined) this.#first = queue;
    else this.#last.next = queue;
    this.#last = queue;
  }

  #leaveTurn(queue: SendQueue): void {
    const { previous, next } = queue;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    queue.previous = undefined;
    queue.next = undefined;
    queue.isInTurn = false;
  }
}
