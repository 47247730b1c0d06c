// What a REPL's commands share: the client, the metadata and settings that hold for its calls, and the calls.

import type { Client, MethodDescription } from '../../index.ts';
import { CallReport } from '../call-report.ts';
import { escapeText } from '../escape.ts';
import { explain } from '../explain.ts';
import { UsageError } from '../failure.ts';
import { isFieldWord } from '../field-words.ts';
import { metadataOf } from '../headers.ts';
import { wordsOf } from '../interactive.ts';
import type { Io } from '../io.ts';
import type { OutputForm } from '../options/output.ts';
import { parseDuration } from '../quantity.ts';
import { ReplyPrinter } from '../reply-printer.ts';
import { type Request, RequestMaker, type RequestSource, requestsOf } from '../request-messages.ts';
import type { ServerTarget } from '../target.ts';
import type { LineQueue } from './line-queue.ts';

/** What `set` changes. */
export interface Settings {
  output: OutputForm;
  timeout: number | undefined;
  emitDefaults: boolean;
  protoNames: boolean;
  verbose: boolean;
}

const FORMS: readonly OutputForm[] = ['json', 'jsonl', 'text'];

interface Setting {
  readonly help: string;
  readonly values: readonly string[];
  /** Throws a UsageError for a value that is none. */
  change(settings: Settings, value: string): void;
  show(settings: Settings): string;
}

export const SETTINGS: Readonly<Record<string, Setting>> = {
  output: {
    help: 'how replies are printed: json, jsonl or text',
    values: FORMS,
    change(settings, value) {
      settings.output = oneOf(FORMS, value);
    },
    show: ({ output }) => output,
  },
  timeout: {
    help: 'of calls: 500ms, 5s, 2m, none, or default',
    values: ['default', 'none', '5s', '1m'],
    change(settings, value) {
      settings.timeout = value === 'default' ? undefined : parseDuration(value);
    },
    show: ({ timeout }) =>
      timeout === undefined ? 'default' : timeout === Infinity ? 'none' : `${timeout}ms`,
  },
  'emit-defaults': flag('show fields that hold their default', 'emitDefaults'),
  'proto-names': flag("fields under the .proto's names", 'protoNames'),
  verbose: flag('headers, trailers, sizes and timing', 'verbose'),
};

function flag(help: string, name: 'emitDefaults' | 'protoNames' | 'verbose'): Setting {
  return {
    help,
    values: ['on', 'off'],
    change(settings, value) {
      settings[name] = oneOf(['on', 'off'], value) === 'on';
    },
    show: (settings) => (settings[name] ? 'on' : 'off'),
  };
}

function oneOf<T extends string>(known: readonly T[], value: string): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new UsageError(`it is one of ${known.join(', ')}, not '${value}'`);
  return found;
}

export class Session {
  readonly client: Client;
  readonly target: ServerTarget;
  readonly io: Io;
  readonly lines: LineQueue;
  readonly settings: Settings;
  /** Metadata of every call, by name. */
  readonly headers: Map<string, string[]> = new Map();
  /** The last reply, decoded. */
  lastReply: unknown;
  /** Told when a call begins and ends to ask for requests. */
  onTyping: (isTyping: boolean) => void = () => {};
  #running: AbortController | undefined;

  constructor(client: Client, target: ServerTarget, lines: LineQueue, settings: Settings, io: Io) {
    this.client = client;
    this.target = target;
    this.lines = lines;
    this.settings = settings;
    this.io = io;
  }

  /** Cancels the call that runs; false when none does. */
  cancel(): boolean {
    if (this.#running === undefined || this.#running.signal.aborted) return false;
    this.#running.abort(new Error('cancelled with Ctrl-C'));
    return true;
  }

  /** Calls a method with fields as words or `-d JSON`; a request stream given neither is typed line by line. */
  async call(name: string, rest: readonly string[]): Promise<void> {
    const source = sourceOf(rest);
    const method = await this.client.method(name, { signal: this.io.signal });
    await this.run(method, source);
  }

  async run(method: MethodDescription, source: RequestSource): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    const takesStream = method.cardinality.startsWith('stream');
    const report = new CallReport(this.target, this.settings.verbose ? 1 : 0, this.io);
    report.schemaIsThere(method);
    try {
      const given = requestsOf(this.client, method, source, this.io);
      const isTyped = takesStream && source.words.length === 0 && source.data.length === 0;
      const requests = takesStream
        ? report.counted(isTyped ? this.#typed(method, running.signal) : given)
        : await this.#single(method, given, report);
      await this.#exchange(method, requests, report, running.signal);
    } finally {
      this.#running = undefined;
    }
  }

  async #exchange(
    method: MethodDescription,
    requests: Uint8Array | AsyncIterable<Uint8Array>,
    report: CallReport,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, io, settings } = this;
    const printer = new ReplyPrinter({
      client,
      type: method.replyType,
      isStream: method.cardinality.endsWith('stream'),
      form: settings.output,
      json: settings,
      io,
    });
    const metadata = metadataOf(
      [...this.headers].flatMap(([name, values]) => values.map((value): [string, string] => [name, value])),
      io.env,
    );
    const call = client.raw(method.path, { cardinality: method.cardinality })(requests, {
      signal: AbortSignal.any([signal, io.signal]),
      timeoutMs: settings.timeout,
      ...(metadata.length > 0 && { metadata }),
    });
    const headers = call.headers.then((found) => report.headersCame(call.peer, found));
    try {
      for await (const reply of call) {
        await headers;
        report.replyCame(reply);
        this.lastReply = client.decode(method.replyType, reply);
        await printer.print(reply);
      }
    } finally {
      await headers;
      report.ended(await call.status);
    }
  }

  async #single(
    method: MethodDescription,
    given: AsyncIterable<Request>,
    report: CallReport,
  ): Promise<Uint8Array> {
    let only: Request | undefined;
    for await (const request of given) {
      if (only !== undefined)
        throw new UsageError(`${method.fullName} takes one request, and more were given`);
      only = request;
    }
    only ??= { bytes: this.client.encode(method.requestType, {}) };
    report.requestGoes(only);
    return only.bytes;
  }

  /** Requests line by line, until an empty line. A line that is wrong is told, and the call goes on. */
  async *#typed(method: MethodDescription, signal: AbortSignal): AsyncGenerator<Request, void, undefined> {
    const { io, lines } = this;
    io.err.line(
      io.err.colours.dim(
        `${escapeText(method.fullName)}: a request a line, as JSON or field=value …; an empty line ends them, Ctrl-C cancels`,
      ),
    );
    const maker = new RequestMaker(this.client, method, sourceOf([]));
    const release = (): void => lines.release();
    signal.addEventListener('abort', release);
    this.onTyping(true);
    try {
      for (;;) {
        const line = await lines.next();
        line?.done();
        if (line === undefined || line.text.trim() === '') return;
        const { text } = line;
        try {
          if (/^\s*[{["]/.test(text)) yield* maker.ofDocument({ text, line: 1 }, 'not sent');
          else yield maker.ofWords(wordsOf(text));
        } catch (error) {
          this.tell(error);
        }
      }
    } finally {
      signal.removeEventListener('abort', release);
      this.onTyping(false);
    }
  }

  /** Says what went wrong. */
  tell(error: unknown): void {
    const { red } = this.io.err.colours;
    explain(error).lines.forEach((line, index) => {
      this.io.err.line(index === 0 ? `${red('error:')} ${line}` : line);
    });
  }
}

/** `-d JSON` and field words. */
function sourceOf(rest: readonly string[]): RequestSource {
  const words: string[] = [];
  const data: string[] = [];
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index];
    if (word === '-d') {
      const json = rest[++index];
      if (json === undefined) throw new UsageError("-d needs a message behind it: -d '{…}' or -d @FILE");
      if (json === '-' || json === '@-')
        throw new UsageError('-d - would read what is typed here; give -d @FILE');
      data.push(json);
    } else if (/^\s*[{[]/.test(word)) data.push(word);
    else if (isFieldWord(word)) words.push(word);
    else throw new UsageError(`'${word}' sets no field; write field=value, or '{…}' for a whole message`);
  }
  if (words.length > 0 && data.length > 0)
    throw new UsageError('give the request as field=value words or as JSON, not both');
  return { words, data, form: 'json', allowUnknown: false };
}
