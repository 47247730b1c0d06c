// What the codec's benchmark compares: this library, protobufjs and protobuf-es, each doing the same things
// with a message type. Their options are those nearest to our defaults. Knows nothing of measuring.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  create,
  createFileRegistry,
  fromBinary,
  fromJsonString,
  type Message,
  toBinary,
  toJsonString,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';
import protojson from 'protobufjs/ext/protojson.js';
import { loadProto } from '../../../../lib/schema/proto/load-proto.ts';
import { encodeDescriptorSet } from '../../../../lib/schema/registry/descriptor-set.ts';
import { Registry } from '../../../../lib/schema/registry/registry.ts';
import { repositoryRoot } from '../native.ts';
import type { Fields } from './codec-subjects.ts';

export const LIBRARIES = ['stubless', 'protobufjs', 'protobuf-es'] as const;

export type Library = (typeof LIBRARIES)[number];

/** A message type in a library's hands; messages are what the library itself decodes to. */
export interface Codec {
  encode(fields: Fields): Uint8Array;
  decode(bytes: Uint8Array): unknown;
  /** A message with which `toJson` begins. */
  message(bytes: Uint8Array): unknown;
  toJson(message: unknown): string;
  fromJson(text: string): unknown;
  /** Both as calls with JSON do them. */
  encodeJson(fields: Fields): Uint8Array;
  decodeJson(bytes: Uint8Array): unknown;
}

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder('utf-8', { fatal: true });

const SCHEMA = join(repositoryRoot(), 'spec', 'suites', 'bench', 'codec', 'codec.proto');
const PACKAGE = 'stubless.bench';

/** The codecs of a library, by message name. */
export async function codecsOf(library: Library): Promise<(name: string) => Codec> {
  switch (library) {
    case 'stubless':
      return stubless();
    case 'protobufjs':
      return protobufjs();
    case 'protobuf-es':
      return protobufEs();
  }
}

async function stubless(): Promise<(name: string) => Codec> {
  const registry = new Registry();
  registry.add((await loadProto([SCHEMA])).files, SCHEMA);
  return (name) => {
    const typeName = `${PACKAGE}.${name}`;
    const codec = registry.message(typeName);
    const json = registry.jsonMessage(typeName);
    const decode = (bytes: Uint8Array): object => codec.decode(bytes, 0, bytes.length);
    return {
      encode: (fields) => {
        const { bytes, start, end } = codec.encode(fields, 0);
        return bytes.subarray(start, end);
      },
      decode,
      message: decode,
      toJson: (message) => JSON.stringify(message),
      fromJson: (text) => registry.fromJson(typeName, JSON.parse(text)),
      encodeJson: (fields) => {
        const { bytes, start, end } = json.encode(fields, 0);
        return bytes.subarray(start, end);
      },
      decodeJson: (bytes) => json.decode(bytes, 0, bytes.length),
    };
  };
}

function protobufjs(): (name: string) => Codec {
  const root = protobuf.parse(readFileSync(SCHEMA, 'utf8')).root;
  return (name) => {
    const type = root.lookupType(`${PACKAGE}.${name}`);
    // Longs as they come (Long objects): it has no bigint.
    const options = { enums: String, defaults: true };
    return {
      encode: (fields) => type.encode(type.fromObject(fields)).finish(),
      decode: (bytes) => type.toObject(type.decode(bytes), options),
      message: (bytes) => type.decode(bytes),
      toJson: (message) => protojson.toJsonString(type, message as protobuf.Message),
      fromJson: (text) => protojson.fromJsonString(type, text),
      encodeJson: (fields) => textEncoder.encode(protojson.toJsonString(type, type.fromObject(fields))),
      decodeJson: (bytes) =>
        type.toObject(protojson.fromJsonString(type, textDecoder.decode(bytes)), options),
    };
  };
}

async function protobufEs(): Promise<(name: string) => Codec> {
  const { files } = await loadProto([SCHEMA]);
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, encodeDescriptorSet(files)));
  return (name) => {
    const schema = registry.getMessage(`${PACKAGE}.${name}`);
    if (schema === undefined) throw new Error(`protobuf-es has no ${name}`);
    const decode = (bytes: Uint8Array): Message => fromBinary(schema, bytes);
    return {
      encode: (fields) => toBinary(schema, create(schema, forEs(fields))),
      decode,
      message: decode,
      toJson: (message) => toJsonString(schema, message as Message),
      fromJson: (text) => fromJsonString(schema, text),
      encodeJson: (fields) => textEncoder.encode(toJsonString(schema, create(schema, forEs(fields)))),
      decodeJson: (bytes) => fromJsonString(schema, textDecoder.decode(bytes), { ignoreUnknownFields: true }),
    };
  };
}

const esForms = new Map<Fields, Fields>();

/** protobuf-es wants bigint for 64 bits and { case, value } for a oneof; made once, outside what is measured. */
function forEs(fields: Fields): Fields {
  const known = esForms.get(fields);
  if (known !== undefined) return known;
  const { voucher, ...form } = fields;
  if (voucher !== undefined) form['payment'] = { case: 'voucher', value: voucher };
  for (const key of ['id', 'checksum', 'balance', 'created']) {
    if (typeof form[key] === 'number') form[key] = BigInt(form[key]);
  }
  if (Array.isArray(form['longs'])) form['longs'] = form['longs'].map(BigInt);
  esForms.set(fields, form);
  return form;
}
