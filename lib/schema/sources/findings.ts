// What the kinds of source have in common: what they find, and how objects from outside are examined. Generators are told
// apart by the form of what they generate; none of them is imported.

import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import type { CodecService } from '../registry/codec-service.ts';
import type { FileIndex } from '../registry/unread-files.ts';

/** How large a gzip-compressed file may become: as much as can still be read in a heap of 256 MB. */
export const DEFAULT_MAX_UNPACKED_BYTES: number = 64 * 1024 * 1024;

/** Collects what is found in the objects of one source. */
export interface Findings {
  /** What errors call the source. */
  readonly origin: string;
  readonly files: FileDescriptorProto[];
  readonly services: CodecService[];
  /** Whether the files of a large set may be decoded when they are needed. */
  readonly isLazy: boolean;
  /** Those files. */
  index?: FileIndex | undefined;
  /** Of the octets that `files` were decoded from, where that is all there is to them. */
  digest?: string | undefined;
  /** The .proto file that code without descriptors was generated from, if that can be told. */
  readonly protoFile: string | undefined;
}

export type Properties = Readonly<Record<string, unknown>>;

/** An object with properties, a class or function, but not an array. */
export function isObject(value: unknown): value is Properties {
  return (
    (typeof value === 'object' || typeof value === 'function') && value !== null && !Array.isArray(value)
  );
}

export function isFunction(value: unknown): value is (...args: readonly unknown[]) => unknown {
  return typeof value === 'function';
}

/** A property as text, or undefined. */
export function textOf(value: Properties, name: string): string | undefined {
  const text = value[name];
  return typeof text === 'string' ? text : undefined;
}
