// Definitions in the form of grpc-js: services whose methods have paths and (de)serializers. @grpc/proto-loader adds the
// descriptors; grpc-tools and ts-proto do not, and then the methods use the functions that are there.

import { SchemaError } from '../../values/errors.ts';
import { isBytes, ownBytes } from '../../values/realm.ts';
import { type CodecMethod, codecService, typeNameIn } from '../registry/codec-service.ts';
import { decodeFileDescriptors } from '../registry/descriptor-set.ts';
import { type Findings, isFunction, isObject, type Properties } from './findings.ts';
import { repairFile } from './proto-loader-file.ts';

const FORMAT = 'Protocol Buffer 3 DescriptorProto';

/** Takes a service definition, a type definition of proto-loader's, or a client class; returns whether it was one. */
export function takeGrpcDefinition(value: Properties, out: Findings): boolean {
  // What grpc-js's loadPackageDefinition and makeGenericClientConstructor make.
  if (isFunction(value)) {
    const { service } = value as unknown as Properties;
    return isObject(service) && takeService(service, out);
  }
  if (value['format'] === FORMAT) return takeDescriptors(value, out);
  return takeService(value, out);
}

function isMethod(value: unknown): value is Properties {
  return (
    isObject(value) &&
    typeof value['path'] === 'string' &&
    isFunction(value['requestSerialize']) &&
    isFunction(value['responseDeserialize'])
  );
}

function takeService(service: Properties, out: Findings): boolean {
  const methods = Object.values(service);
  if (methods.length === 0 || !methods.every(isMethod)) return false;
  const types = methods.flatMap((method) => [method['requestType'], method['responseType']]);
  const described = types.filter((type) => isObject(type) && type['format'] === FORMAT);
  if (described.length > 0) {
    for (const type of described) takeDescriptors(type as Properties, out);
    return true;
  }
  const path = String(methods[0]['path']);
  const fullName = path.split('/').at(-2) ?? '';
  if (fullName === '')
    throw new SchemaError(`${out.origin}: ${JSON.stringify(path.slice(0, 60))} is not the path of a method`);
  const codecs = methods.map((method) => codecMethod(method, fullName));
  out.services.push(codecService(fullName, out.origin, out.protoFile, codecs));
  return true;
}

const taken: WeakMap<Findings, Set<string>> = new WeakMap();

/** Each type carries the descriptors of its whole tree of files. */
function takeDescriptors(type: Properties, out: Findings): boolean {
  const { fileDescriptorProtos } = type;
  if (!Array.isArray(fileDescriptorProtos)) return false;
  let known = taken.get(out);
  if (known === undefined) {
    known = new Set();
    taken.set(out, known);
  }
  const fresh: Uint8Array[] = [];
  for (const bytes of fileDescriptorProtos) {
    if (!isBytes(bytes)) return false;
    const key = Buffer.from(bytes).toString('latin1');
    if (known.has(key)) continue;
    known.add(key);
    fresh.push(ownBytes(bytes));
  }
  out.files.push(...decodeFileDescriptors(fresh, out.origin).map(repairFile));
  return true;
}

function codecMethod(method: Properties, service: string): CodecMethod {
  const { path, requestSerialize, responseDeserialize, responseSerialize } = method as {
    path: string;
    requestSerialize: (value: unknown) => Uint8Array;
    responseDeserialize: (bytes: Uint8Array) => unknown;
    responseSerialize: unknown;
  };
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    requestStream: method['requestStream'] === true,
    responseStream: method['responseStream'] === true,
    requestType: serializedType(requestSerialize, service),
    replyType: serializedType(responseSerialize, service),
    encode: (value) => requestSerialize(value),
    decode: (bytes) => responseDeserialize(bytes),
  };
}

/** The generators leave a type's name only in the text of its function. */
function serializedType(serialize: unknown, service: string): string {
  const text = isFunction(serialize) ? Function.prototype.toString.call(serialize) : '';
  const [, name] = /Expected argument of type ([\w.]+)/.exec(text) ?? /(\w+)\.encode\(/.exec(text) ?? [];
  return name === undefined ? 'a message' : typeNameIn(name, service);
}
