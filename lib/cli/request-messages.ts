// The requests of a call as bytes, one by one as they arrive: from words, from -d, from files, from standard input.
// Each message is checked against the schema before it is sent; what is wrong is told with its line.

import { readFileSync } from 'node:fs';
import type { Client, MethodDescription } from '../index.ts';
import { LocalError, UsageError } from './failure.ts';
import { fieldsOfWords } from './field-words.ts';
import type { Io } from './io.ts';
import { jsonMistake } from './json-error.ts';
import { DelimitedSplitter, JsonSplitter, type TextDocument, TextFormatSplitter } from './message-split.ts';

export type InputForm = 'json' | 'text' | 'binary';

export interface RequestSource {
  readonly words: readonly string[];
  readonly data: readonly string[];
  readonly form: InputForm;
  readonly allowUnknown: boolean;
  /** Changes a request given as words or JSON before it is checked. */
  readonly replace?: (value: unknown) => unknown;
}

/** A request that can be sent: the bytes of its message. */
export interface Request {
  readonly bytes: Uint8Array;
}

/** Whether requests come from standard input. */
export function readsStdin(source: RequestSource): boolean {
  return source.data.some((data) => data === '-' || data === '@-');
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
  for (const data of source.data) {
    if (data === '-' || data === '@-')
      yield* maker.ofStream(io.stdin, 'standard input', io.stdin.isTTY === true);
    else if (data.startsWith('@')) yield* maker.ofStream([fileBytes(data.slice(1))], data.slice(1), false);
    else if (source.form === 'binary')
      throw new UsageError('binary messages come from a file or standard input: -d @FILE or -d -');
    else yield* maker.ofStream([Buffer.from(data)], '-d', false);
  }
}

/** Makes messages of one method's request type, in one form. */
export class RequestMaker {
  readonly #client: Client;
  readonly #method: MethodDescription;
  readonly #form: InputForm;
  readonly #allowUnknown: boolean;
  readonly #replace: (value: unknown) => unknown;

  constructor(
    client: Client,
    method: MethodDescription,
    source: Pick<RequestSource, 'form' | 'allowUnknown' | 'replace'>,
  ) {
    this.#client = client;
    this.#method = method;
    this.#form = source.form;
    this.#allowUnknown = source.allowUnknown;
    this.#replace = source.replace ?? ((value) => value);
  }

  ofWords(words: readonly string[]): Request {
    return this.ofFields(this.#replace(fieldsOfWords(this.#client, this.#method.requestType, words)));
  }

  ofFields(value: unknown): Request {
    return { bytes: this.#client.encode(this.#method.requestType, value) };
  }

  /** @param isWhole whether binary input is one message without a length before it */
  async *ofStream(
    chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
    where: string,
    isTerminal: boolean,
  ): AsyncGenerator<Request, void, undefined> {
    if (this.#form === 'binary') {
      yield* this.#ofBinary(chunks, where);
      return;
    }
    const splitter = this.#form === 'json' ? new JsonSplitter() : new TextFormatSplitter();
    const decoder = new TextDecoder('utf-8', { fatal: true });
    // Lines of a terminal and of -d need no number.
    const place = (document: TextDocument): string =>
      isTerminal ? where : `${where}, line ${document.line}`;
    try {
      for await (const chunk of chunks) {
        const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
        for (const document of splitter.push(text)) yield* this.ofDocument(document, place(document));
      }
      decoder.decode();
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
        throw new LocalError(`${where} is not UTF-8 text; for binary messages: --input binary`);
      }
      throw error;
    }
    for (const document of splitter.end()) yield* this.ofDocument(document, place(document));
  }

  /** The messages of one document: a JSON list is several messages of a request stream. */
  *ofDocument(document: TextDocument, where: string): Generator<Request, void, undefined> {
    const { requestType, cardinality } = this.#method;
    if (this.#form === 'text') {
      yield this.#checked(where, () => this.ofFields(this.#client.fromText(requestType, document.text)));
      return;
    }
    const json = parsed(document, where);
    const isSeveral =
      Array.isArray(json) && cardinality.startsWith('stream') && requestType !== 'google.protobuf.ListValue';
    for (const one of isSeveral ? json : [json]) yield this.#checked(where, () => this.#ofJson(one));
  }

  #ofJson(given: unknown): Request {
    const json = this.#replace(given);
    if (!this.#allowUnknown) return this.ofFields(json);
    const { requestType } = this.#method;
    return this.ofFields(this.#client.fromJson(requestType, json, { ignoreUnknown: true }));
  }

  async *#ofBinary(
    chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
    where: string,
  ) {
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

  /** Bytes are sent as they are, but must be a message of the type. */
  #ofBytes(bytes: Uint8Array, where: string): Request {
    return this.#checked(where, () => {
      this.#client.decode(this.#method.requestType, bytes);
      return { bytes };
    });
  }

  #checked(where: string, make: () => Request): Request {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new LocalError(`${where}: ${error.message}`, { cause: error });
    }
  }
}

function parsed({ text, line }: TextDocument, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const place = where.replace(/, line \d+$/, '');
    throw new LocalError(`${place}: not JSON: ${jsonMistake(text, line) ?? 'it cannot be read'}`);
  }
}

function fileBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new LocalError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
