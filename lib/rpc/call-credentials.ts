// Credentials of a call: metadata that is asked for before each attempt and joined to it when its stream opens. A
// Transport around a Transport, so that a call without credentials knows nothing of it. It must not know what the
// metadata is made of, and never puts it into an error.

import { AsyncContext } from '../values/async-context.ts';
import type { MetadataInput } from '../values/metadata-entries.ts';
import { messageOf } from '../values/realm.ts';
import { StatusCode, type StatusCodeValue } from '../values/status.ts';
import { waits } from '../values/waits.ts';
import { fieldsOfInput } from './metadata-fields.ts';
import { RelayedRequest } from './relayed-request.ts';
import type { FieldList, Peer, StreamEnd, StreamRequest, Transport, TransportStream } from './transport.ts';

/** What a credentials function is told about the call. */
export interface CredentialsContext {
  /** The service's URL, the audience of tokens: `https://host/package.Service`. gRPC Core: service_url. */
  readonly url: string;
  /** `package.Service` */
  readonly service: string;
  /** `SayHello` */
  readonly method: string;
  /** Aborts when the call ends before it got its credentials: cancelled, or at its deadline. */
  readonly signal: AbortSignal;
}

/** Gives the credentials of one attempt of a call, as metadata; nothing where the call needs none. */
export type CredentialsFunction = (
  context: CredentialsContext,
) => MetadataInput | undefined | Promise<MetadataInput | undefined>;

/** Where credentials come from: fields that are always the same, or a function. */
export type CredentialsSource = FieldList | CredentialsFunction;

/** Errors of a network under the function, which may be well again at the next attempt. */
const NETWORK_ERRORS = /^(?:ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|UND_ERR_)/;

/** The streams of one call with credentials. */
export class CallCredentials implements Transport {
  readonly #transport: Transport;
  readonly #sources: readonly CredentialsSource[];
  /** Of who made the call: functions are asked in it at every attempt, whichever timer or socket brings that about. */
  readonly #context: AsyncContext | undefined;
  /** Attempts without a stream, with what stands for them below. */
  readonly #waiting = new Map<StreamRequest, AuthorizedRequest>();

  constructor(transport: Transport, sources: readonly CredentialsSource[]) {
    this.#transport = transport;
    this.#sources = sources;
    const isAsking = sources.some((source) => typeof source === 'function');
    this.#context = isAsking ? AsyncContext.capture() : undefined;
  }

  /** Whether an attempt waits for its credentials. */
  get isPending(): boolean {
    for (const authorized of this.#waiting.values()) if (!authorized.isOpening) return true;
    return false;
  }

  open(request: StreamRequest): void {
    const authorized = new AuthorizedRequest(request, this.#context, () => this.#waiting.delete(request));
    this.#waiting.set(request, authorized);
    authorized.begin(this.#transport, this.#sources);
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

/** A request with its credentials, as the transport below sees it. */
class AuthorizedRequest extends RelayedRequest {
  readonly #request: StreamRequest;
  readonly #context: AsyncContext | undefined;
  readonly #onSettled: () => void;
  #fields: FieldList = [];
  #isOpening = false;
  #isWithdrawn = false;
  #controller: AbortController | undefined;

  constructor(request: StreamRequest, context: AsyncContext | undefined, onSettled: () => void) {
    super(request);
    this.#request = request;
    this.#context = context;
    this.#onSettled = onSettled;
  }

  /** It has its credentials, and waits for a stream. */
  get isOpening(): boolean {
    return this.#isOpening;
  }

  begin(transport: Transport, sources: readonly CredentialsSource[]): void {
    const given =
      this.#context === undefined ? this.#ask(sources) : this.#context.run(() => this.#ask(sources));
    if (given.some((one) => one instanceof Promise)) {
      waits?.begin(this, 'credentials', this.#request.head.path);
      void Promise.all(given).then(
        (all) => this.#open(transport, all),
        (error: unknown) => this.#fail(error),
      );
    } else this.#open(transport, given as FieldList[]);
  }

  withdraw(transport: Transport): void {
    this.#isWithdrawn = true;
    waits?.end(this, 'credentials');
    if (this.#isOpening) transport.withdraw(this);
    else if (this.#controller !== undefined) this.#context?.run(() => this.#controller?.abort());
  }

  #ask(sources: readonly CredentialsSource[]): readonly (FieldList | Promise<FieldList>)[] {
    const call = this.#call();
    return sources.map((source) => (typeof source === 'function' ? ask(source, call) : source));
  }

  #open(transport: Transport, given: readonly FieldList[]): void {
    if (this.#isWithdrawn) return;
    waits?.end(this, 'credentials');
    let fields: FieldList = [];
    for (const more of given) fields = joined(fields, more);
    this.#fields = fields;
    const { head } = this.#request;
    const kept = without(head.fields, fields);
    // A head is known by its identity and mostly the same; a new one only where the client's metadata is replaced.
    if (kept !== head.fields) this.head = { ...head, fields: kept };
    this.#isOpening = true;
    transport.open(this);
  }

  #fail(error: unknown): void {
    if (this.#isWithdrawn) return;
    waits?.end(this, 'credentials');
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
      // Made when it is asked for: most functions do not look at it.
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

/** Asks a function; what it throws is a rejection, as what it rejects with. */
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
    // Not shown: it may well be the secret itself.
    throw new WrongCredentials(
      `a credentials function gave ${given === null ? 'null' : `a ${typeof given}`}, not metadata such as { authorization: … }`,
    );
  }
  try {
    return fieldsOfInput(given) ?? [];
  } catch (error) {
    throw new WrongCredentials(`a credentials function gave wrong metadata: ${(error as Error).message}`);
  }
}

/** The function is wrong, not the world. */
class WrongCredentials extends TypeError {}

/** How a call ends that cannot have its credentials. */
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
  // A code that only a server may say becomes INTERNAL in outcome.ts, like any of this side's.
  return isStatus ? (code as StatusCodeValue) : StatusCode.UNAUTHENTICATED;
}

/** Both, with those of the second in place of those of the first that have the same name. */
function joined(first: FieldList, second: FieldList): FieldList {
  return first.length === 0 ? second : without(first, second).concat(second);
}

/** The fields whose names are not among `others`; the very same list where none is. */
export function without(fields: FieldList, others: FieldList): FieldList {
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (!hasName(others, fields[i])) kept.push(fields[i], fields[i + 1]);
  }
  return kept.length === fields.length ? fields : kept;
}

function hasName(fields: FieldList, name: string): boolean {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return true;
  return false;
}
