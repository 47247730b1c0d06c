// ts-proto's modules without its schema: message objects that encode and decode, and services either as definitions
// (outputServices=generic-definitions) or as classes that call an Rpc. They have no descriptors.

import { type CodecMethod, codecService, typeNameIn } from '../registry/codec-service.ts';
import { type Findings, isFunction, isObject, type Properties, textOf } from './findings.ts';

interface TsProtoMessage extends Properties {
  encode(value: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
  fromPartial(value: unknown): unknown;
}

function isMessage(value: unknown): value is TsProtoMessage {
  return isObject(value) && isFunction(value['encode']) && isFunction(value['decode']);
}

/** `ShopDefinition` of outputServices=generic-definitions, which nice-grpc uses. */
export function takeGenericDefinition(value: Properties, module: unknown, out: Findings): boolean {
  const fullName = textOf(value, 'fullName');
  const { methods } = value;
  if (fullName === undefined || !isObject(methods)) return false;
  const made: CodecMethod[] = [];
  for (const method of Object.values(methods)) {
    if (!isObject(method)) return false;
    const { requestType, responseType } = method;
    const name = textOf(method, 'name');
    if (name === undefined || !isMessage(requestType) || !isMessage(responseType)) return false;
    made.push({
      ...codecsOf(requestType, responseType),
      name,
      requestStream: method['requestStream'] === true,
      responseStream: method['responseStream'] === true,
      requestType: typeOf(requestType, module, fullName),
      replyType: typeOf(responseType, module, fullName),
    });
  }
  if (made.length === 0) return false;
  out.services.push(codecService(fullName, out.origin, out.protoFile, made));
  return true;
}

/** The name it has if it was generated with outputTypeAnnotations, else the one that its module exports it by. */
function typeOf(message: TsProtoMessage, module: unknown, service: string): string {
  const exported = isObject(module)
    ? Object.keys(module).find((name) => module[name] === message)
    : undefined;
  return textOf(message, '$type') ?? (exported === undefined ? 'a message' : typeNameIn(exported, service));
}

function codecsOf(request: TsProtoMessage, reply: TsProtoMessage): Pick<CodecMethod, 'encode' | 'decode'> {
  return {
    encode: (value) => {
      // A request need not name all fields, but ts-proto's encoders fail if one is missing.
      const message = isFunction(request['fromPartial']) ? request.fromPartial(value ?? {}) : value;
      return request.encode(message).finish();
    },
    decode: (bytes) => reply.decode(bytes),
  };
}

/** How a class's methods call their Rpc, and what that says about their streams. */
const STREAMS: Readonly<Record<string, readonly [request: boolean, response: boolean]>> = {
  request: [false, false],
  serverStreamingRequest: [false, true],
  clientStreamingRequest: [true, false],
  bidirectionalStreamingRequest: [true, true],
};

/** `ShopClientImpl`. Only the text of its methods says what they send and receive. */
export function takeClientImpl(value: Properties, module: unknown, out: Findings): boolean {
  if (!isFunction(value) || !isObject(module)) return false;
  const { prototype, name } = value as unknown as { prototype: unknown; name: string };
  const service = /^(\w+)ClientImpl$/.exec(name)?.[1];
  if (service === undefined || !isObject(prototype)) return false;
  const fullName = textOf(module, `${service}ServiceName`);
  if (fullName === undefined) return false;
  const methods: CodecMethod[] = [];
  for (const key of Object.getOwnPropertyNames(prototype)) {
    if (key === 'constructor') continue;
    const made = implMethod(prototype[key], fullName, module);
    if (made !== undefined) methods.push(made);
  }
  if (methods.length === 0) return false;
  out.services.push(codecService(fullName, out.origin, out.protoFile, methods));
  return true;
}

function implMethod(method: unknown, service: string, module: Properties): CodecMethod | undefined {
  if (!isFunction(method)) return undefined;
  const text = Function.prototype.toString.call(method);
  const [, kind, name] = /\.rpc\.(\w+)\(\s*this\.service,\s*["'](\w+)["']/.exec(text) ?? [];
  const [, request] = /(\w+)\.encode(?:Transform)?\(/.exec(text) ?? [];
  const [, reply] = /(\w+)\.decode(?:Transform)?\(/.exec(text) ?? [];
  const streams = kind === undefined || !Object.hasOwn(STREAMS, kind) ? undefined : STREAMS[kind];
  if (streams === undefined || name === undefined || request === undefined || reply === undefined)
    return undefined;
  const codecs = codecsFor(module[request], module[reply], `${service}.${name}`);
  return {
    ...codecs,
    name,
    requestStream: streams[0],
    responseStream: streams[1],
    requestType: typeNameIn(request, service),
    replyType: typeNameIn(reply, service),
  };
}

/** A type from another module is known only by its name: the method is listed, and a call of it says what is missing. */
function codecsFor(request: unknown, reply: unknown, method: string): Pick<CodecMethod, 'encode' | 'decode'> {
  if (isMessage(request) && isMessage(reply)) return codecsOf(request, reply);
  const refuse = (): never => {
    throw new TypeError(`a message type of ${method} is not exported by its module`);
  };
  return { encode: refuse, decode: refuse };
}
