// Conversations with a Connection as lines that can be read without the code:
//
//   $ open /a.B/C              a command of the layer above
//   > HEADERS 1 …              what comes out, frame by frame (`…` at the end: and whatever follows)
//   < DATA 1 5 END_STREAM      what the peer sends; `< 3 * PING 1` sends it three times
//   = 1 data 5                 what the handlers hear
//   ? canOpen false            a property
//
// Behind each command or input, all output and all events must be told, each in their order.

import { expect } from 'chai';
import { Connection, type ConnectionOptions } from '../../lib/http2/connection.ts';
import { errorCodeName } from '../../lib/http2/error-code.ts';
import type {
  ConnectionHandler,
  FieldList,
  RequestHead,
  StreamEnd,
  StreamHandler,
} from '../../lib/http2/handlers.ts';
import type { Stream } from '../../lib/http2/stream.ts';
import { concat, encodeLine, errorCode, OutputText, PREFACE } from './wire-text.ts';

/** What a line may be followed by in a transcript's options. */
export interface ConversationOptions extends ConnectionOptions {
  /** Without it, the SETTINGS of both sides are exchanged before the first line. */
  readonly withoutHandshake?: boolean;
  /** What handlers do beside telling what they heard; gets the event's line. */
  readonly onEvent?: (line: string, conversation: Conversation) => void;
}

export class Conversation {
  readonly connection: Connection;
  readonly text: OutputText = new OutputText();
  readonly streams: Map<number, Stream> = new Map();
  /** What was heard and not yet expected. */
  events: string[] = [];
  /** Frames that came out and were not yet expected. */
  output: string[] = [];
  nowMs = 0;
  /** What the socket holds of the output that was taken. */
  heldOctets: number | undefined;
  readonly errors: unknown[] = [];
  readonly #onEvent: ((line: string, conversation: Conversation) => void) | undefined;
  readonly #heads = new Map<string, RequestHead>();

  constructor(options: ConversationOptions = {}) {
    const { withoutHandshake, onEvent, ...connectionOptions } = options;
    this.#onEvent = onEvent;
    const conversation = this;
    const handler: ConnectionHandler = {
      get heldOctets() {
        return conversation.heldOctets;
      },
      onOutput: () => {},
      onReady: () => this.#heard('ready'),
      onCapacity: () => this.#heard('capacity'),
      onGoAway: (code, id, text) => this.#heard(`goaway ${id} ${errorCodeName(code)} ${text}`.trim()),
      onPingAck: (opaque) => this.#heard(`ping ack ${opaque}`),
      onConnectionEnd: (code, reason) => this.#heard(`connection end ${errorCodeName(code)}: ${reason}`),
      onStream: (stream) => {
        this.streams.set(stream.id, stream);
        return this.#streamHandler(() => stream.id);
      },
    };
    this.connection = new Connection(handler, {
      onHandlerError: (error) => this.errors.push(error),
      ...connectionOptions,
    });
    if (withoutHandshake !== true) {
      if (options.role === 'server') this.connection.receive(PREFACE, 0);
      this.connection.receive(encodeLine('SETTINGS'), 0);
      this.take();
      this.events = [];
      this.output = [];
    }
  }

  /** Runs the lines of a transcript. */
  run(transcript: string): this {
    for (const raw of transcript.split('\n')) {
      const line = raw.trim();
      if (line !== '') this.#line(line);
    }
    this.#expectNothing('the end');
    return this;
  }

  /** Moves what came out into `output`; returns it. */
  take(): string[] {
    for (
      let octets = this.connection.nextOutput();
      octets !== undefined;
      octets = this.connection.nextOutput()
    ) {
      this.output.push(...this.text.lines(octets));
    }
    return this.output;
  }

  stream(id: number): Stream {
    const stream = this.streams.get(id);
    if (stream === undefined) throw new Error(`no stream ${id}`);
    return stream;
  }

  open(path: string, callFields?: FieldList, endStream = false): Stream {
    let head = this.#heads.get(path);
    if (head === undefined) {
      head = { scheme: 'http', authority: 'localhost', path, fields: ['te', 'trailers'] };
      this.#heads.set(path, head);
    }
    // The handler is made before its stream has an id.
    let id = 0;
    const stream = this.connection.open(
      head,
      callFields,
      this.#streamHandler(() => id),
      endStream,
    );
    id = stream.id;
    this.streams.set(id, stream);
    return stream;
  }

  receive(...lines: readonly string[]): void {
    this.connection.receive(concat(lines.map(encodeLine)), this.nowMs);
  }

  #line(line: string): void {
    const [mark, rest] = [line[0], line.slice(1).trim()];
    switch (mark) {
      case '$':
        this.#expectNothing(line);
        this.#command(rest);
        break;
      case '<': {
        this.#expectNothing(line);
        const [, times = '1', frame] = /^(?:(\d+) \* )?(.*)$/.exec(rest) ?? [];
        const octets = encodeLine(frame);
        for (let i = 0; i < Number(times); i++) this.connection.receive(octets, this.nowMs);
        break;
      }
      case '>':
        this.take();
        expectLine(this.output.shift(), rest, '>');
        break;
      case '=':
        expectLine(this.events.shift(), rest, '=');
        break;
      case '?': {
        const [name, value] = rest.split(' ');
        expect(String(Reflect.get(this.connection, name)), rest).to.equal(value);
        break;
      }
      default:
        if (!line.startsWith('//')) throw new Error(`what is ${line}`);
    }
  }

  #expectNothing(before: string): void {
    this.take();
    const left = [...this.output.map((line) => `> ${line}`), ...this.events.map((line) => `= ${line}`)];
    expect(left, `not expected before ${before}`).to.deep.equal([]);
  }

  #command(text: string): void {
    const [word, first, second, third] = text.split(' ');
    const id = Number(first);
    switch (word) {
      case 'open':
        this.open(first, undefined, second === 'END_STREAM');
        break;
      case 'write':
        this.stream(id).write(
          new Uint8Array(Number(second)),
          0,
          Number(second),
          true,
          third === 'END_STREAM',
        );
        break;
      case 'end':
        this.stream(id).end();
        break;
      case 'reset':
        this.stream(id).reset(errorCode(second));
        break;
      case 'credit':
        this.stream(id).credit(Number(second), !text.endsWith(' UNREAD'));
        break;
      case 'taken':
        this.stream(id).taken(Number(second));
        break;
      case 'headers':
        this.stream(id).headers(fieldsOf(text), text.endsWith(' END_STREAM'));
        break;
      case 'trailers':
        this.stream(id).trailers(fieldsOf(text));
        break;
      case 'block':
        this.connection.outputBlocked = true;
        break;
      case 'unblock':
        this.connection.outputBlocked = false;
        break;
      case 'ping':
        this.connection.ping(BigInt(first));
        break;
      case 'drain':
        this.connection.drain();
        break;
      case 'close':
        this.connection.close(errorCode(first), text.split(' ').slice(2).join(' '));
        break;
      case 'gone':
        this.connection.transportEnded(text.slice(5));
        break;
      case 'wait':
        this.nowMs += Number(first);
        break;
      default:
        throw new Error(`what is $ ${text}`);
    }
  }

  #heard(line: string): void {
    this.events.push(line);
    this.#onEvent?.(line, this);
  }

  #streamHandler(id: () => number): StreamHandler {
    return {
      onHeaders: (fields, endStream) =>
        this.#heard(`${id()} headers ${fieldText(fields)}${endStream ? ' END_STREAM' : ''}`),
      onData: (_, start, end) => this.#heard(`${id()} data ${end - start}`),
      onTrailers: (fields) => this.#heard(`${id()} trailers ${fieldText(fields)}`),
      onWritable: () => this.#heard(`${id()} writable`),
      onEnd: (end) => this.#heard(`${id()} end ${endText(end)}`),
    };
  }
}

/** Runs a transcript from its beginning to its end. */
export function converse(transcript: string, options: ConversationOptions = {}): Conversation {
  return new Conversation(options).run(transcript);
}

function expectLine(actual: string | undefined, expected: string, mark: string): void {
  if (expected.endsWith('…')) {
    const beginning = expected.slice(0, -1).trimEnd();
    if (actual?.startsWith(beginning) === true) return;
  }
  expect(`${mark} ${actual ?? 'nothing'}`).to.equal(`${mark} ${expected}`);
}

function fieldsOf(text: string): string[] {
  const items = text
    .split(' ')
    .slice(2)
    .filter((item) => item !== 'END_STREAM');
  return items.flatMap((item) => [item.slice(0, item.indexOf('=', 1)), item.slice(item.indexOf('=', 1) + 1)]);
}

function fieldText(fields: FieldList): string {
  const items: string[] = [];
  for (let i = 0; i < fields.length; i += 2) items.push(`${fields[i]}=${fields[i + 1]}`);
  return items.join(' ');
}

function endText(end: StreamEnd): string {
  switch (end.kind) {
    case 'complete':
      return 'complete';
    case 'reset':
      return `reset ${errorCodeName(end.code)}`;
    case 'violation':
      return `violation ${errorCodeName(end.code)}: ${end.reason}`;
    case 'lost':
      return `lost ${errorCodeName(end.code)} ${end.processed === false ? 'unprocessed' : 'perhaps'}: ${end.reason}`;
  }
}
