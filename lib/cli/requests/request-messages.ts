// The requests of a call as bytes, one by one as they arrive: from words, from -d, from files, from standard input.
// Each message is checked against the schema before it is sent; what is wrong is told with its line.

import { type Client, type MethodDescription, RpcError } from '../../index.ts';
import { LocalError, UsageError } from '../command/failure.ts';
import { fileBytes } from '../command/file-bytes.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
import { implicitInput, isStdin } from '../command/standard-input.ts';
import { fieldsOfWords, type UnknownExtension, unknownExtension } from './field-words.ts';
import { parseDocument } from './json-document.ts';
import { wordsOf } from './line-words.ts';
import { DelimitedSplitter, JsonSplitter, type TextDocument, TextFormatSplitter } from './message-split.ts';
import type { Typed } from './typed-lines.ts';

export type InputForm = 'json' | 'text' | 'binary';

export interface RequestSource {
  readonly words: readonly string[];
  readonly data: readonly string[];
  readonly form: InputForm;
  readonly allowUnknown: boolean;
  /** Takes what is piped in where nothing else is given: standard input is free for it. */
  readonly takesPipe?: boolean;
  /** Whether the server is asked for types and extensions that the schema lacks; it is, by default. */
  readonly asksServer?: boolean;
  /** What is sent, by its name in the library: binary requests are of the wire format all the same. */
  readonly codec?: 'proto' | 'json' | undefined;
  /** Changes a request given as words or JSON before it is checked. */
  readonly replace?: (value: unknown) => unknown;
}

/** A request that can be sent: the bytes of its message. */
export interface Request {
  readonly bytes: Uint8Array;
}

/** Whether requests are to come from standard input. */
export function readsStdin(source: RequestSource): boolean {
  return source.data.some(isStdin);
}

/** All requests of a call, read as they are asked for. */
export async function* requestsOf(
  client: Client,
  method: MethodDescription,
  source: RequestSource,
  io: Io,
): AsyncGenerator<Request, void, undefined> {
  const maker = new RequestMaker(client, method, source);
  if (source.words.length > 0) yield maker.ofWords(source.words);
  else if (source.data.length === 0 && source.takesPipe === true) yield* ofPipe(maker, io);
  for (const data of source.data) {
    const { chunks, where, isTerminal } = givenData(data, source.form, io.stdin);
    yield* maker.ofStream(chunks, where, isTerminal);
  }
}

type Chunks = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/** What one -d stands for, and how to call it: standard input, a file, or its own text, which binary messages are not. */
export function givenData(
  data: string,
  form: InputForm,
  stdin: Chunks & { readonly isTTY?: boolean },
): { readonly chunks: Chunks; readonly where: string; readonly isTerminal: boolean } {
  if (isStdin(data)) return { chunks: stdin, where: 'standard input', isTerminal: stdin.isTTY === true };
  const path = data.startsWith('@') ? data.slice(1) : undefined;
  if (path !== undefined) return { chunks: [fileBytes(path)], where: path, isTerminal: false };
  if (form !== 'binary') return { chunks: [Buffer.from(data)], where: '-d', isTerminal: false };
  throw new UsageError('binary messages come from a file or standard input: -d @FILE or -d -');
}

/** The documents of a text, each with where it is; what they say is not looked at. */
export async function* documentsIn(
  chunks: Chunks,
  form: 'json' | 'text',
  where: string,
  isTerminal: boolean,
): AsyncGenerator<{ readonly document: TextDocument; readonly place: string }, void, undefined> {
  const splitter = form === 'json' ? new JsonSplitter() : new TextFormatSplitter();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decoded = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
      throw new LocalError(`${where} is not UTF-8 text; for binary messages: --input binary`);
    }
  };
  // Lines of a terminal and of -d need no number.
  const placed = (document: TextDocument) => ({
    document,
    place: isTerminal ? where : `${where}, line ${document.line}`,
  });
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoded(chunk);
    for (const document of splitter.push(text)) yield placed(document);
  }
  decoded();
  for (const document of splitter.end()) yield placed(document);
}

/** What is piped in, though nobody said that it is the request. */
async function* ofPipe(maker: RequestMaker, io: Io): AsyncGenerator<Request, void, undefined> {
  if (io.standardInput() !== 'piped') return;
  const told = {
    onSilence(silenceMs: number): void {
      const what = `nothing came on standard input within ${silenceMs / 1000} s, so the request is empty`;
      notice(io, `${what}; to wait for it, use -d -; to skip it, use < /dev/null`);
    },
    onLate(): void {
      const what = 'what came later on standard input was not sent: the request had already gone out empty';
      notice(io, `${what}; to wait for it, use -d -`);
    },
  };
  try {
    yield* maker.ofStream(implicitInput(io.stdin, told), 'standard input', false);
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    const why =
      'it was read as the request, since neither fields nor -d were given; to skip it, use < /dev/null';
    throw new LocalError(`${error.message} (${why})`, { cause: error.cause });
  }
}

/** Makes messages of one method's request type, in one form. */
export class RequestMaker {
  readonly #client: Client;
  readonly #method: MethodDescription;
  readonly #form: InputForm;
  readonly #allowUnknown: boolean;
  readonly #asksServer: boolean;
  readonly #codec: RequestSource['codec'];
  readonly #replace: (value: unknown) => unknown;

  constructor(
    client: Client,
    method: MethodDescription,
    source: Pick<RequestSource, 'form' | 'allowUnknown' | 'asksServer' | 'codec' | 'replace'>,
  ) {
    this.#client = client;
    this.#method = method;
    this.#form = source.form;
    this.#allowUnknown = source.allowUnknown;
    this.#asksServer = source.asksServer ?? true;
    this.#codec = source.codec;
    this.#replace = source.replace ?? ((value) => value);
  }

  async ofWords(words: readonly string[]): Promise<Request> {
    let unknown: UnknownExtension | undefined;
    try {
      // Read again when the server has told of an extension: only then it is known what its text is.
      return await this.#ofJson(() => {
        unknown = undefined;
        return fieldsOfWords(this.#client, this.#method.requestType, words, (one) => {
          unknown ??= one;
        });
      });
    } catch (error) {
      if (unknown === undefined || RpcError.is(error)) throw error;
      throw unknownExtension(this.#client, unknown);
    }
  }

  /** What was typed on a terminal. */
  async *ofTyped(typed: Typed): AsyncGenerator<Request, void, undefined> {
    if ('words' in typed) yield this.ofWords(wordsOf(typed.words));
    else yield* this.ofDocument({ text: typed.json, line: 1 }, 'not sent');
  }

  async *ofStream(
    chunks: Chunks,
    where: string,
    isTerminal: boolean,
  ): AsyncGenerator<Request, void, undefined> {
    if (this.#form === 'binary') {
      yield* this.#ofBinary(chunks, where);
      return;
    }
    for await (const { document, place } of documentsIn(chunks, this.#form, where, isTerminal)) {
      yield* this.ofDocument(document, place);
    }
  }

  /** The messages of one document: a JSON list is several messages of a request stream. */
  async *ofDocument(document: TextDocument, where: string): AsyncGenerator<Request, void, undefined> {
    const { requestType, cardinality } = this.#method;
    if (this.#form === 'text') {
      const read = () => this.#client.fromText(requestType, document.text);
      yield this.#checked(where, () => this.#ofMessage(read));
      return;
    }
    const json = parseDocument(document, where);
    const isSeveral =
      Array.isArray(json) && cardinality.startsWith('stream') && requestType !== 'google.protobuf.ListValue';
    for (const one of isSeveral ? json : [json]) yield this.#checked(where, () => this.#ofJson(() => one));
  }

  #ofJson(given: () => unknown): Promise<Request> {
    const { requestType } = this.#method;
    const options = { ignoreUnknown: this.#allowUnknown };
    return this.#ofMessage(() => this.#client.fromJson(requestType, this.#replace(given()), options));
  }

  /** The server is asked for types of Any values and extensions that are not known, where it may be. */
  async #ofMessage(read: () => unknown): Promise<Request> {
    const { requestType } = this.#method;
    const encode = (): Uint8Array => this.#client.encode(requestType, read());
    return { bytes: this.#asksServer ? await this.#client.resolving(encode) : encode() };
  }

  async *#ofBinary(chunks: Chunks, where: string) {
    const isStream = this.#method.cardinality.startsWith('stream');
    const splitter = new DelimitedSplitter();
    const whole: Uint8Array[] = [];
    for await (const chunk of chunks) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      if (!isStream) whole.push(bytes);
      else for (const message of splitter.push(bytes)) yield this.#ofBytes(message, where);
    }
    if (isStream) splitter.end();
    else yield this.#ofBytes(Buffer.concat(whole), where);
  }

  /** Bytes are sent as they are where calls send such, but must be a message of the type. */
  #ofBytes(bytes: Uint8Array, where: string): Promise<Request> {
    const { requestType } = this.#method;
    return this.#checked(where, async () => {
      const message: unknown = this.#client.decode(requestType, bytes, { codec: 'proto' });
      return this.#codec === 'json' ? this.#ofMessage(() => message) : { bytes };
    });
  }

  async #checked(where: string, make: () => Promise<Request>): Promise<Request> {
    try {
      return await make();
    } catch (error) {
      // That the server cannot be asked is nothing wrong with the message.
      if (!(error instanceof Error) || RpcError.is(error)) throw error;
      throw new LocalError(`${where}: ${error.message}`, { cause: error });
    }
  }
}
