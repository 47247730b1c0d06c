// pbjs's static modules: namespaces of message classes, and service classes whose methods name the messages only in their
// text. They carry no descriptors. Since protobufjs 8 methods say whether they stream; before that, nothing does.

import { type CodecMethod, codecService } from '../registry/codec-service.ts';
import { type Findings, isFunction, isObject, type Properties, textOf } from './findings.ts';

/** A service class of pbjs, found at `path` in its module. */
export function takePbjsService(
  value: Properties,
  path: readonly string[],
  module: unknown,
  out: Findings,
): boolean {
  const { prototype } = value;
  if (!isObject(prototype) || !isFunction(prototype['rpcCall'])) return false;
  const methods: CodecMethod[] = [];
  let fullName = path.join('.');
  for (const key of Object.getOwnPropertyNames(prototype)) {
    const method: unknown = Object.getOwnPropertyDescriptor(prototype, key)?.value;
    if (key === 'constructor' || !isFunction(method)) continue;
    const facts = method as unknown as Properties;
    const methodPath = textOf(facts, 'path')?.split('/');
    if (methodPath !== undefined) fullName = methodPath.at(-2) ?? fullName;
    const made = codecMethod(facts, module);
    if (made !== undefined) methods.push(made);
  }
  if (methods.length === 0) return false;
  out.services.push(codecService(fullName, out.origin, out.protoFile, methods));
  return true;
}

function codecMethod(method: Properties, module: unknown): CodecMethod | undefined {
  const text = Function.prototype.toString.call(method);
  const [requestType, replyType] = Array.from(text.matchAll(/\$root\.([\w$.]+)/g), (match) => match[1]);
  const request = classAt(module, requestType);
  const reply = classAt(module, replyType);
  if (request === undefined || reply === undefined) return undefined;
  return {
    name: String(method['name']),
    requestStream: method['requestStream'] === true,
    responseStream: method['responseStream'] === true,
    requestType,
    replyType,
    encode: (value) => {
      const message = isFunction(request['fromObject']) ? request.fromObject(value ?? {}) : value;
      return request.encode(message).finish();
    },
    decode: (bytes) => reply.decode(bytes),
  };
}

interface MessageClass extends Properties {
  encode(value: unknown): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
  fromObject(value: unknown): unknown;
}

function classAt(module: unknown, path: string | undefined): MessageClass | undefined {
  let at = module;
  for (const part of path?.split('.') ?? []) {
    if (!isObject(at) || !Object.hasOwn(at, part)) return undefined;
    at = at[part];
  }
  return isObject(at) && isFunction(at['encode']) && isFunction(at['decode'])
    ? (at as MessageClass)
    : undefined;
}
