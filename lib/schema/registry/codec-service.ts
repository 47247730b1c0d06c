// Services of generated modules that carry no descriptors: their methods encode and decode messages with the module's own
// functions, whose values look the way that generator makes them. Knows nothing of where the functions came from.

import { SchemaError } from '../../values/errors.ts';
import { advice } from '../../values/options/option-words.ts';
import { isBytes, isPlainObject, messageOf } from '../../values/realm.ts';
import { cardinalityOf, type EncodedMessage, type MessageCodec, type Method } from '../codec/method.ts';
import { DecodeError } from '../codec/wire/decode-error.ts';
import { lastPart, parentScope } from '../descriptors/names.ts';

export interface CodecService {
  readonly name: string;
  readonly fullName: string;
  readonly origin: string;
  readonly methods: readonly Method[];
  /** What to do when descriptors are needed. */
  readonly remedy: string;
}

/** A method as a generated module provides it. */
export interface CodecMethod {
  readonly name: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestType: string;
  readonly replyType: string;
  readonly encode: (value: unknown) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
}

export function codecService(
  fullName: string,
  origin: string,
  protoFile: string | undefined,
  methods: readonly CodecMethod[],
): CodecService {
  const file = protoFile ?? 'the .proto file that it was generated from';
  const remedy = advice().loadBeside(file, origin);
  return {
    name: lastPart(fullName),
    fullName,
    origin,
    remedy,
    methods: methods.map((method) => methodOf(fullName, method, origin, remedy)),
  };
}

/** Throws SchemaError when the service is already there with other methods. */
export function refuseOtherMethods(present: CodecService, service: CodecService): void {
  const facts = ({ methods }: CodecService): string =>
    methods
      .map((method) => `${method.path} ${method.cardinality}`)
      .sort()
      .join();
  if (facts(present) === facts(service)) return;
  throw new SchemaError(
    `${service.fullName} (from ${service.origin}) contradicts its definition in ${present.origin}`,
  );
}

function methodOf(service: string, method: CodecMethod, origin: string, remedy: string): Method {
  const { name, requestStream, responseStream, requestType, replyType } = method;
  return {
    name,
    service,
    fullName: `${service}.${name}`,
    path: `/${service}/${name}`,
    cardinality: cardinalityOf(requestStream, responseStream),
    requestStream,
    responseStream,
    idempotency: 'unknown',
    isForeign: true,
    request: new ModuleCodec(requestType, method, origin, remedy),
    reply: new ModuleCodec(replyType, method, origin, remedy),
    get json(): never {
      throw new SchemaError(
        `${service}.${name} cannot be called with JSON messages: ${origin} has code for its messages and no definition of them; ${remedy}`,
      );
    },
  };
}

/** A codec made of a module's own functions. */
class ModuleCodec implements MessageCodec {
  readonly typeName: string;
  readonly #method: CodecMethod;
  readonly #origin: string;
  readonly #remedy: string;
  /** The prototype of the messages that it decodes; null if they are plain objects, as others may be too. */
  #prototype: object | null | undefined;

  constructor(typeName: string, method: CodecMethod, origin: string, remedy: string) {
    this.typeName = typeName;
    this.#method = method;
    this.#origin = origin;
    this.#remedy = remedy;
  }

  encode(value: unknown, prefix: number): EncodedMessage {
    let message: unknown;
    try {
      message = this.#method.encode(value);
    } catch (error) {
      throw new TypeError(
        `${this.typeName}: ${this.#origin} rejects the value: ${messageOf(error)}; ${this.#advice()}`,
        {
          cause: error,
        },
      );
    }
    if (!isBytes(message)) {
      throw new TypeError(
        `${this.typeName}: ${this.#origin} did not encode the value to bytes; ${this.#advice()}`,
      );
    }
    const bytes = new Uint8Array(prefix + message.length);
    bytes.set(message, prefix);
    return { bytes, start: 0, end: bytes.length };
  }

  decode(bytes: Uint8Array, start: number, end: number): object {
    try {
      // The memory is the connection's, and generated readers keep views of it; some need a Buffer.
      const message = this.#method.decode(Buffer.from(bytes.subarray(start, end))) as object;
      if (this.#prototype === undefined) this.#prototype = prototypeOf(message);
      return message;
    } catch (error) {
      throw new DecodeError(`${this.typeName}: ${messageOf(error)}`, { cause: error });
    }
  }

  isMessage(value: object): boolean {
    const prototype = this.#prototype;
    return prototype !== undefined && prototype !== null && Object.getPrototypeOf(value) === prototype;
  }

  #advice(): string {
    return `for plain objects, ${this.#remedy}`;
  }
}

function prototypeOf(message: unknown): object | null {
  const isOfClass = typeof message === 'object' && message !== null && !isPlainObject(message);
  return isOfClass ? Object.getPrototypeOf(message) : null;
}

/** The full name of a type whose name is given relative to the package of a service. */
export function typeNameIn(name: string, service: string): string {
  const packageName = parentScope(service);
  return name.includes('.') || packageName === '' ? name : `${packageName}.${name}`;
}
