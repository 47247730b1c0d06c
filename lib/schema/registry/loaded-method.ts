// What can be called, as it is listed and as calls use it: services and methods of descriptors.

import { type Cardinality, cardinalityOf, type MessageCodec, type Method } from '../codec/method.ts';
import { resolveType, type ServiceDefinition, type SymbolLookup } from '../descriptors/symbol-table.ts';

/** A method as `services` lists it. */
export interface MethodInfo {
  /** `SayHello` */
  readonly name: string;
  /** `helloworld.Greeter.SayHello` */
  readonly fullName: string;
  /** `/helloworld.Greeter/SayHello` */
  readonly path: string;
  /** How many messages go each way. */
  readonly cardinality: Cardinality;
  /** Full name of the message. */
  readonly requestType: string;
  /** Full name of the message. */
  readonly replyType: string;
}

/** A service as `services` lists it. */
export interface ServiceInfo {
  /** `Greeter` */
  readonly name: string;
  /** `helloworld.Greeter` */
  readonly fullName: string;
  readonly methods: readonly MethodInfo[];
  /** Why it cannot be called, when a server lists it but its schema cannot be had; it then has no methods. */
  readonly unavailable?: string;
}

/** The methods of a service, their types by full name. Frozen: users get these, and clients share them. */
export function methodInfos({ fullName, proto }: ServiceDefinition, types: SymbolLookup): MethodInfo[] {
  const typeName = (name: string): string => resolveType(types, name, fullName)?.fullName ?? name;
  return (proto.method ?? []).map((method) => {
    return Object.freeze({
      name: method.name,
      fullName: `${fullName}.${method.name}`,
      path: `/${fullName}/${method.name}`,
      cardinality: cardinalityOf(method.clientStreaming === true, method.serverStreaming === true),
      requestType: typeName(method.inputType),
      replyType: typeName(method.outputType),
    });
  });
}

/** The codec of a message type, by its full name. */
type CodecLookup = (typeName: string) => MessageCodec;

/** A method whose codecs are made when it is first called. */
export class LoadedMethod implements Method {
  readonly name: string;
  readonly service: string;
  readonly fullName: string;
  readonly path: string;
  readonly cardinality: Cardinality;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly idempotency: Method['idempotency'];
  readonly #requestType: string;
  readonly #replyType: string;
  readonly codec: 'json' | undefined;
  readonly #level: unknown;
  readonly #codecOf: CodecLookup;
  readonly #jsonCodecOf: CodecLookup;
  #request: MessageCodec | undefined;
  #reply: MessageCodec | undefined;
  #json: LoadedMethod | undefined;

  /**
   * @param codecOf gives the codecs of its messages
   * @param jsonCodecOf gives those for ProtoJSON
   * @param codec what the former are, where that is not the wire format
   */
  constructor(
    info: MethodInfo,
    service: string,
    level: unknown,
    codecOf: CodecLookup,
    jsonCodecOf: CodecLookup,
    codec?: 'json',
  ) {
    this.name = info.name;
    this.service = service;
    this.fullName = info.fullName;
    this.path = info.path;
    this.cardinality = info.cardinality;
    this.requestStream = info.cardinality.startsWith('stream');
    this.responseStream = info.cardinality.endsWith('stream');
    this.idempotency =
      level === 'NO_SIDE_EFFECTS' ? 'no_side_effects' : level === 'IDEMPOTENT' ? 'idempotent' : 'unknown';
    this.#requestType = info.requestType;
    this.#replyType = info.replyType;
    this.codec = codec;
    this.#level = level;
    this.#codecOf = codecOf;
    this.#jsonCodecOf = jsonCodecOf;
  }

  get request(): MessageCodec {
    this.#request ??= this.#codecOf(this.#requestType);
    return this.#request;
  }

  get reply(): MessageCodec {
    this.#reply ??= this.#codecOf(this.#replyType);
    return this.#reply;
  }

  get json(): Method {
    if (this.codec === 'json') return this;
    const jsonCodecOf = this.#jsonCodecOf;
    this.#json ??= new LoadedMethod(
      infoOf(this),
      this.service,
      this.#level,
      jsonCodecOf,
      jsonCodecOf,
      'json',
    );
    return this.#json;
  }
}

export function infoOf({ name, fullName, path, cardinality, request, reply }: Method): MethodInfo {
  return { name, fullName, path, cardinality, requestType: request.typeName, replyType: reply.typeName };
}
