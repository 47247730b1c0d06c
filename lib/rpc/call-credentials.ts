// The credentials of a call: metadata that is obtained before each attempt and added to it when its stream opens. A
// Transport around a Transport, so that a call without credentials is unaffected. It must not know what the metadata
// contains, and never puts it into an error.

import { AsyncContext } from '../values/async-context.ts';
import type { MetadataInput } from '../values/metadata-entries.ts';
import { messageOf } from '../values/realm.ts';
import { StatusCode, type StatusCodeValue } from '../values/status.ts';
import { holdProcess, releaseProcess } from '../values/turn.ts';
import { waits } from '../values/waits.ts';
import { namesOf, without } from './field-list.ts';
import { fieldsOfInput } from './metadata-fields.ts';
import { RelayedRequest } from './relayed-request.ts';
import type { FieldList, Peer, StreamEnd, StreamRequest, Transport, TransportStream } from './transport.ts';

/** What a credentials function learns about the call. */
export interface CredentialsContext {
  /** The service's URL, `https://host/package.Service`, which is the audience of tokens. gRPC Core: service_url. */
  readonly url: string;
  /** `package.Service` */
  readonly service: string;
  /** `SayHello` */
  readonly method: string;
  /** Aborts if the call ends before it has its credentials, because it was cancelled or reached its deadline. */
  readonly signal: AbortSignal;
}

/**
 * Returns the credentials of one attempt of a call, as metadata; undefined if the call needs none. If it throws or
 * rejects, the call ends with UNAUTHENTICATED, UNAVAILABLE for a network error, or the error's own numeric gRPC `code`.
 */
export type CredentialsFunction = (
  context: CredentialsContext,
) => MetadataInput | undefined | Promise<MetadataInput | undefined>;

/** Where credentials come from: fields that are always the same, or a function. */
export type CredentialsSource = FieldList | CredentialsFunction;

/** Network errors inside the function, which may be gone at the next attempt. */
const NETWORK_ERRORS = /^(?:ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|UND_ERR_)/;

/** The streams of one call with credentials. */
export class CallCredentials implements Transport {
  readonly #transport: Transport;
  readonly #sources: readonly CredentialsSource[];
  readonly #hasDeadline: boolean;
  /**
   * The caller's async context, in which functions are called at every attempt, whichever timer or socket triggers it.
   */
  readonly #context: AsyncContext | undefined;
  /** Attempts without a stream, and the requests that stand for them below. */
  readonly #waiting = new Map<StreamRequest, AuthorizedRequest>();

  constructor(transport: Transport, sources: readonly CredentialsSource[], hasDeadline: boolean) {
    this.#transport = transport;
    this.#sources = sources;
    this.#hasDeadline = hasDeadline;
    const isAsking = sources.some((source) => typeof source === 'function');
    this.#context = isAsking ? AsyncContext.capture() : undefined;
  }

  /** Whether any attempt is waiting for its credentials. */
  get isPending(): boolean {
    for (const authorized of this.#waiting.values()) if (!authorized.isOpening) return true;
    return false;
  }

  open(request: StreamRequest): void {
    const authorized = new AuthorizedRequest(request, this.#context, () => this.#waiting.delete(request));
    this.#waiting.set(request, authorized);
    authorized.begin(this.#transport, this.#sources, this.#hasDeadline);
  }

  advance(request: StreamRequest): void {
    const authorized = this.#waiting.get(request);
    if (authorized?.isOpening) this.#transport.advance?.(authorized);
  }

  withdraw(request: StreamRequest): void {
    const authorized = this.#waiting.get(request);
    if (authorized === undefined) return;
    this.#waiting.delete(request);
    authorized.withdraw(this.#transport);
  }
}

/** A request plus its credentials, as the transport below sees it. */
class AuthorizedRequest extends RelayedRequest {
  readonly #request: StreamRequest;
  readonly #context: AsyncContext | undefined;
  readonly #onSettled: () => void;
  #fields: FieldList = [];
  #isOpening = false;
  #isWithdrawn = false;
  #isHoldingProcess = false;
  #controller: AbortController | undefined;

  constructor(request: StreamRequest, context: AsyncContext | undefined, onSettled: () => void) {
    super(request);
    this.#request = request;
    this.#context = context;
    this.#onSettled = onSettled;
  }

  /** Whether it has its credentials, and is waiting for a stream. */
  get isOpening(): boolean {
    return this.#isOpening;
  }

  begin(transport: Transport, sources: readonly CredentialsSource[], hasDeadline: boolean): void {
    const given =
      this.#context === undefined ? this.#ask(sources) : this.#context.run(() => this.#ask(sources));
    if (given.some((one) => one instanceof Promise)) {
      waits?.begin(this, 'credentials', this.#request.head.path);
      // The function may never answer, but the call's deadline must still come.
      this.#isHoldingProcess = hasDeadline;
      if (hasDeadline) holdProcess();
      void Promise.all(given).then(
        (all) => this.#open(transport, all),
        (error: unknown) => this.#fail(error),
      );
    } else this.#open(transport, given as FieldList[]);
  }

  withdraw(transport: Transport): void {
    this.#isWithdrawn = true;
    this.#endWait();
    if (this.#isOpening) transport.withdraw(this);
    else if (this.#controller !== undefined) this.#context?.run(() => this.#controller?.abort());
  }

  #ask(sources: readonly CredentialsSource[]): readonly (FieldList | Promise<FieldList>)[] {
    const call = this.#call();
    return sources.map((source) => (typeof source === 'function' ? ask(source, call) : source));
  }

  #open(transport: Transport, given: readonly FieldList[]): void {
    if (this.#isWithdrawn) return;
    this.#endWait();
    let fields: FieldList = [];
    for (const more of given) fields = joined(fields, more);
    this.#fields = fields;
    const { head } = this.#request;
    const kept = without(head.fields, namesOf(fields));
    // A head is recognised by its identity, so we make a new one only if some of the client's metadata is replaced.
    if (kept !== head.fields) this.head = { ...head, fields: kept };
    this.#isOpening = true;
    transport.open(this);
  }

  #endWait(): void {
    waits?.end(this, 'credentials');
    if (this.#isHoldingProcess) releaseProcess();
    this.#isHoldingProcess = false;
  }

  #fail(error: unknown): void {
    if (this.#isWithdrawn) return;
    this.#endWait();
    this.onEnd(endOf(error));
  }

  #call(): CredentialsContext {
    const { scheme, authority, path } = this.#request.head;
    const cut = path.lastIndexOf('/');
    const servicePath = path.slice(0, cut);
    const host = scheme === 'https' ? authority.replace(/:443$/, '') : authority;
    const signal = (): AbortSignal => {
      this.#controller ??= new AbortController();
      return this.#controller.signal;
    };
    return {
      url: `${scheme}://${host}${servicePath}`,
      service: servicePath.slice(servicePath.lastIndexOf('/') + 1),
      method: path.slice(cut + 1),
      // Made on first use: most functions do not look at it.
      get signal() {
        return signal();
      },
    };
  }

  // --- from the transport below

  override get credentialFields(): FieldList {
    return this.#fields;
  }

  override callFields(): FieldList | undefined {
    const own = super.callFields();
    return own === undefined ? this.#fields : joined(own, this.#fields);
  }

  override onOpen(stream: TransportStream, peer: Peer): void {
    this.#onSettled();
    super.onOpen(stream, peer);
  }

  override onEnd(end: StreamEnd): void {
    this.#onSettled();
    super.onEnd(end);
  }
}

/** Calls a function; what it throws becomes a rejection. */
function ask(source: CredentialsFunction, context: CredentialsContext): FieldList | Promise<FieldList> {
  try {
    const given = source(context);
    return isThenable(given) ? Promise.resolve(given).then(fieldsOf) : fieldsOf(given);
  } catch (error) {
    return Promise.reject(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<MetadataInput | undefined> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function fieldsOf(given: MetadataInput | undefined): FieldList {
  if (given === undefined) return [];
  if (given === null || typeof given !== 'object') {
    // The value is not shown, since it may well be the secret itself.
    throw new WrongCredentials(
      `a credentials function returned ${given === null ? 'null' : `a ${typeof given}`}, not metadata such as { authorization: … }`,
    );
  }
  try {
    return fieldsOfInput(given) ?? [];
  } catch (error) {
    throw new WrongCredentials(wrongMetadata(error));
  }
}

/** What is said of a credentials function whose metadata cannot be sent. */
export function wrongMetadata(mistake: unknown): string {
  return `a credentials function returned wrong metadata: ${messageOf(mistake)}`;
}

/** The function itself is wrong, rather than the credentials being unavailable. */
class WrongCredentials extends TypeError {}

/** How a call ends that cannot get its credentials. */
function endOf(error: unknown): StreamEnd {
  const message = messageOf(error);
  if (error instanceof WrongCredentials) {
    return { kind: 'unopened', code: StatusCode.INTERNAL, reason: message, cause: error };
  }
  return {
    kind: 'unopened',
    code: codeOf(error),
    reason: `no credentials for the call: ${message}`,
    cause: error,
  };
}

function codeOf(error: unknown): StatusCodeValue {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && NETWORK_ERRORS.test(code)) return StatusCode.UNAVAILABLE;
  const isStatus = typeof code === 'number' && Number.isInteger(code) && code >= 1 && code <= 16;
  // outcome.ts turns codes that only a server may use into INTERNAL, as for any error of this side.
  return isStatus ? (code as StatusCodeValue) : StatusCode.UNAUTHENTICATED;
}

/** Both lists, with fields of the second replacing those of the first that have the same name. */
function joined(first: FieldList, second: FieldList): FieldList {
  return first.length === 0 ? second : without(first, namesOf(second)).concat(second);
}
