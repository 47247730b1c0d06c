// What happens around a call's messages: counts and times it, tells it with -v, and sums it up for `--output full`.

import {
  type Client,
  type Metadata,
  type MethodDescription,
  type Peer,
  RpcError,
  type Status,
} from '../../index.ts';
import { idempotencyOf } from '../../requests/run/raw-method.ts';
import { isSecret, REDACTED } from '../../values/secret-metadata.ts';
import { escapeText } from '../command/escape.ts';
import type { Io } from '../command/io.ts';
import { formatBytes, formatMs } from '../command/quantity.ts';
import type { ServerTarget } from '../command/target.ts';
import type { Request } from '../requests/request-messages.ts';
import { type ConnectionFacts, connectText, watchConnections } from './connection-watch.ts';

/** Requests of a stream that `full` keeps. */
const MAX_KEPT_REQUESTS = 10_000;

type Flow = { messages: number; bytes: number };

export class CallReport implements Disposable {
  readonly #target: ServerTarget;
  readonly #isVerbose: boolean;
  readonly #io: Io;
  readonly #startMs: number = performance.now();
  readonly #phases: { schema?: number; headers?: number; firstMessage?: number; end?: number } = {};
  readonly #sent: Flow = { messages: 0, bytes: 0 };
  readonly #received: Flow = { messages: 0, bytes: 0 };
  readonly #requests: Uint8Array[] = [];
  #method: MethodDescription | undefined;
  #headers: Metadata | undefined;
  #peer: Peer | undefined;
  readonly #connection: ConnectionFacts | undefined;

  constructor(target: ServerTarget, verbosity: number, io: Io) {
    this.#target = target;
    this.#isVerbose = verbosity > 0;
    this.#io = io;
    const { dim } = io.err.colours;
    const onFrame = verbosity > 1 ? (line: string) => void io.err.line(dim(escapeText(line))) : undefined;
    this.#connection = this.#isVerbose ? watchConnections(onFrame) : undefined;
  }

  /** Watches no longer: the REPL makes the next call, and nobody wants to hear of its connection twice. */
  [Symbol.dispose](): void {
    this.#connection?.[Symbol.dispose]();
  }

  schemaIsThere(method: MethodDescription): void {
    this.#method = method;
    this.#phases.schema = this.#now();
    if (!this.#isVerbose) return;
    this.#say(
      '*',
      `${method.fullName}, ${method.cardinality.replace('_', ' to ')}, at ${this.#target.text} (${this.#target.isTls ? 'TLS' : 'plaintext'})`,
    );
  }

  /** Most methods are not marked for GET, and of the call itself nobody can see which it was. */
  getIsWanted(method: MethodDescription): void {
    if (!this.#isVerbose) return;
    const { cardinality, fullName } = method;
    const why =
      cardinality !== 'unary_unary'
        ? `${fullName} streams`
        : idempotencyOf(method) === 'no_side_effects'
          ? undefined
          : `${fullName} is not marked idempotency_level = NO_SIDE_EFFECTS`;
    this.#say(
      '*',
      why === undefined ? 'GET, unless the URL gets too long' : `POST in spite of --get: ${why}`,
    );
  }

  /** What was sent, as far as it is kept. */
  get requests(): readonly Uint8Array[] {
    return this.#requests;
  }

  /** How many were sent. */
  get sentCount(): number {
    return this.#sent.messages;
  }

  requestGoes({ bytes }: Request): void {
    this.#sent.messages++;
    this.#sent.bytes += bytes.length;
    if (this.#requests.length < MAX_KEPT_REQUESTS) this.#requests.push(bytes);
  }

  /** Requests as bytes, counted as they are taken. */
  async *counted(requests: AsyncIterable<Request>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const request of requests) {
      this.requestGoes(request);
      yield request.bytes;
    }
  }

  headersCame(peer: Peer | undefined, headers: Metadata): void {
    this.#peer = peer;
    this.#headers = headers;
    this.#phases.headers = this.#now();
    if (!this.#isVerbose) return;
    const { ready } = this.#connection ?? {};
    if (ready !== undefined) {
      const { peer: to, httpVersion } = ready;
      const over = httpVersion === '2' ? '' : ` over HTTP/${httpVersion}, which has no frames`;
      this.#say('*', `connected to ${to.address}${over}: ${connectText(ready)}`);
    } else if (peer !== undefined) this.#say('*', `connected to ${peer.address}`);
    this.#sayMetadata('<', headers);
  }

  replyCame(reply: Uint8Array): void {
    this.#received.messages++;
    this.#received.bytes += reply.length;
    this.#phases.firstMessage ??= this.#now();
  }

  ended(status: Status): void {
    this.#phases.end = this.#now();
    if (!this.#isVerbose) return;
    this.#say(
      '<',
      `status: ${status.code} ${status.codeName}${status.details === '' ? '' : `, ${status.details}`} (from the ${status.origin})`,
    );
    this.#sayMetadata('<', status.metadata);
    const { schema = 0, headers, firstMessage, end = 0 } = this.#phases;
    const flow = ({ messages, bytes }: Flow): string =>
      `${messages} ${messages === 1 ? 'message' : 'messages'} (${formatBytes(bytes)})`;
    this.#say('*', `sent ${flow(this.#sent)}, received ${flow(this.#received)}`);
    const phases = [
      `schema ${formatMs(schema)}`,
      headers === undefined ? '' : `headers ${formatMs(headers - schema)}`,
      firstMessage === undefined ? '' : `first message ${formatMs(firstMessage - schema)}`,
      `end ${formatMs(end - schema)} after that`,
    ];
    this.#say('*', `time: ${phases.filter((text) => text !== '').join(', ')}`);
  }

  /** The call as one JSON object. */
  async printFull(
    client: Client,
    status: Status,
    messages: readonly unknown[],
    failure: unknown,
  ): Promise<void> {
    const { out } = this.#io;
    const document = {
      target: this.#target.text,
      peer: this.#peer?.address,
      method: this.#method?.path,
      cardinality: this.#method?.cardinality,
      request: {
        messages: this.#requests.map((bytes) => this.#requestJson(client, bytes)),
        count: this.#sent.messages,
        bytes: this.#sent.bytes,
      },
      headers: this.#headers?.toJSON() ?? {},
      messages,
      trailers: status.metadata.toJSON(),
      status: {
        code: status.code,
        codeName: status.codeName,
        details: status.details,
        origin: status.origin,
        errorDetails:
          RpcError.is(failure) && failure.errorDetails.length > 0 ? failure.errorDetails : undefined,
      },
      received: { count: this.#received.messages, bytes: this.#received.bytes },
      timingMs: Object.fromEntries(
        Object.entries(this.#phases).map(([name, ms]) => [name, Math.round(ms * 1000) / 1000]),
      ),
    };
    await out.json(document);
  }

  /** As ProtoJSON, however it was given. */
  #requestJson(client: Client, bytes: Uint8Array): unknown {
    const type = this.#method?.requestType ?? '';
    const message: unknown = client.decode(type, bytes);
    try {
      return client.toJson(type, message);
    } catch {
      // What has no form in ProtoJSON is shown as it is.
      return message;
    }
  }

  #now(): number {
    return performance.now() - this.#startMs;
  }

  #say(mark: string, text: string): void {
    const { dim, cyan } = this.#io.err.colours;
    this.#io.err.line(`${mark === '*' ? dim(mark) : cyan(mark)} ${escapeText(text)}`);
  }

  #sayMetadata(mark: string, metadata: Metadata): void {
    for (const [name, value] of metadata) {
      const text = typeof value === 'string' ? value : Buffer.from(value).toString('base64');
      this.#say(mark, `${name}: ${isSecret(name, value) ? REDACTED : text}`);
    }
  }
}
