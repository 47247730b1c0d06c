// One call as a ClientCompatRequest describes it, made through the public API: what to send and when, when to cancel,
// and what came of it. Source: connectrpc/conformance docs/testing_clients.md.

import { setTimeout as delay } from 'node:timers/promises';
import {
  type CallOptions,
  type Client,
  type DynamicMessage,
  Metadata,
  RpcError,
  type Stream,
} from '../../../../lib/index.ts';
import type { CompatRequest, CompatResult, Header } from './compat.ts';

const SERVICE = 'connectrpc.conformance.v1.ConformanceService';
const UNKNOWN = 2;

const METHODS = {
  STREAM_TYPE_UNARY: 'Unary',
  STREAM_TYPE_CLIENT_STREAM: 'ClientStream',
  STREAM_TYPE_SERVER_STREAM: 'ServerStream',
  STREAM_TYPE_HALF_DUPLEX_BIDI_STREAM: 'BidiStream',
  STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM: 'BidiStream',
} as const;

function metadataOf(headers: readonly Header[]): Metadata {
  const metadata = new Metadata();
  for (const { name, value } of headers) {
    for (const one of value) metadata.append(name, name.endsWith('-bin') ? Buffer.from(one, 'base64') : one);
  }
  return metadata;
}

function headersOf(metadata: Metadata): Header[] {
  const headers = new Map<string, string[]>();
  for (const [name, value] of metadata) {
    const text = typeof value === 'string' ? value : Buffer.from(value).toString('base64').replace(/=+$/, '');
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [text]);
    else values.push(text);
  }
  return Array.from(headers, ([name, value]) => ({ name, value }));
}

/** The error of a failed call as the runner wants it. */
function errorOf(error: unknown): NonNullable<CompatResult['error']> {
  if (RpcError.is(error))
    return { code: error.code, message: error.details, details: [...error.errorDetails] };
  return { code: UNKNOWN, message: String(error), details: [] };
}

function optionsOf(request: CompatRequest): CallOptions {
  const { codec, compression, timeoutMs, messageReceiveLimit, requestHeaders } = request;
  return {
    timeoutMs: timeoutMs ?? Infinity,
    metadata: metadataOf(requestHeaders),
    codec: codec === 'CODEC_JSON' ? 'json' : 'proto',
    compression: compression.replace('COMPRESSION_', '').toLowerCase().replace('unspecified', 'identity'),
    ...(messageReceiveLimit > 0 && { maxReceiveMessageBytes: messageReceiveLimit }),
  };
}

class Rpc {
  readonly #request: CompatRequest;
  readonly #call: Stream;
  readonly #result: CompatResult = {
    responseHeaders: [],
    payloads: [],
    responseTrailers: [],
    numUnsentRequests: 0,
  };

  constructor(client: Client, request: CompatRequest) {
    this.#request = request;
    const { service = SERVICE, method = METHODS[request.streamType], streamType } = request;
    const name = `${service}/${method}`;
    const options = optionsOf(request);
    // What a request is sent as has no `@type`: it is the method's own.
    const isSingle = streamType === 'STREAM_TYPE_UNARY' || streamType === 'STREAM_TYPE_SERVER_STREAM';
    this.#call = isSingle ? client.request(name, this.#messages[0], options) : client.open(name, options);
  }

  get #messages(): DynamicMessage[] {
    return this.#request.requestMessages.map(({ '@type': _type, ...fields }) => fields);
  }

  async run(): Promise<CompatResult> {
    const result = this.#result;
    const call = this.#call;
    try {
      await this.#exchange();
    } catch (error) {
      result.error = errorOf(error);
      // What has not ended yet has nothing to tell any more.
      call.cancel();
    }
    result.responseHeaders = headersOf(await call.headers);
    result.responseTrailers = headersOf(await call.trailers);
    return result;
  }

  #exchange(): Promise<void> {
    const { streamType } = this.#request;
    switch (streamType) {
      case 'STREAM_TYPE_UNARY':
        return this.#unary();
      case 'STREAM_TYPE_SERVER_STREAM':
        return this.#serverStream();
      case 'STREAM_TYPE_CLIENT_STREAM':
        return this.#clientStream();
      case 'STREAM_TYPE_HALF_DUPLEX_BIDI_STREAM':
      case 'STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM':
        return this.#bidiStream(streamType === 'STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM');
      default:
        throw new Error(`no calls of ${streamType satisfies never}`);
    }
  }

  async #unary(): Promise<void> {
    await this.#afterClose();
    await this.#readAll();
  }

  async #serverStream(): Promise<void> {
    await this.#afterClose();
    await this.#readAll();
  }

  async #clientStream(): Promise<void> {
    for (const [i, message] of this.#messages.entries()) await this.#send(message, i);
    await this.#close();
    await this.#readAll();
  }

  async #bidiStream(isFullDuplex: boolean): Promise<void> {
    for (const [i, message] of this.#messages.entries()) {
      await this.#send(message, i);
      if (!isFullDuplex) continue;
      try {
        await this.#readOne();
      } catch (error) {
        this.#result.numUnsentRequests = this.#messages.length - i - 1;
        throw error;
      }
    }
    await this.#close();
    await this.#readAll();
  }

  async #send(message: DynamicMessage, index: number): Promise<void> {
    await delay(this.#request.requestDelayMs);
    try {
      await this.#call.write(message);
    } catch (error) {
      this.#result.numUnsentRequests = this.#messages.length - index;
      throw error;
    }
  }

  async #close(): Promise<void> {
    if (this.#request.cancel?.beforeCloseSend !== undefined) this.#call.cancel();
    else await this.#call.end();
    await this.#afterClose();
  }

  async #afterClose(): Promise<void> {
    const { cancel } = this.#request;
    if (
      cancel === undefined ||
      cancel.beforeCloseSend !== undefined ||
      cancel.afterNumResponses !== undefined
    )
      return;
    await delay(cancel.afterCloseSendMs ?? 0);
    this.#call.cancel();
  }

  async #readOne(): Promise<boolean> {
    const reply = (await this.#call.read()) as { readonly payload?: unknown } | undefined;
    if (reply === undefined) return false;
    const { payloads } = this.#result;
    payloads.push(reply.payload ?? {});
    if (payloads.length === this.#request.cancel?.afterNumResponses) this.#call.cancel();
    return true;
  }

  async #readAll(): Promise<void> {
    while (await this.#readOne());
  }
}

/** Makes the call; what it gives, and what it fails with. */
export function makeCall(client: Client, request: CompatRequest): Promise<CompatResult> {
  return new Rpc(client, request).run();
}
