// What the reader of text format asks about types: those of a loaded schema, or of one that is being linked, whose
// options have messages as values. Types only.

import type { TokenStream } from './token-stream.ts';

/** A message in the making: values by the keys of its fields. */
export type TextFields = { [key: string]: unknown };

export interface TextType {
  /** Its full name. */
  readonly name: string;
  /** Whether it is google.protobuf.Any, which holds a message of any type. */
  readonly isAny: boolean;
  /** Whether it has a form of its own in JavaScript and JSON. */
  readonly isWellKnown: boolean;
  /** A field by its name in the .proto; a group by its type's name too. */
  field(name: string): TextField | undefined;
  fieldNames(): Iterable<string>;
  /** Whether the name is reserved, as that of a former field, whose value is then skipped. */
  isReserved(name: string): boolean;
  /** The extension, or the member of a MessageSet, that is named in brackets. */
  extension(name: string, offset: number): TextField | undefined;
  /** The error for an unknown one. */
  unknownExtension(name: string, offset: number, tokens: TokenStream): Error;
  /** The type of what an Any holds. */
  payload(typeUrl: string, offset: number): TextType | undefined;
  /** The error for an unknown one. */
  unknownPayload(typeUrl: string, offset: number, tokens: TokenStream): Error;
  /** The value that stands for a message with these fields. */
  value(fields: TextFields): unknown;
}

export interface TextField {
  /** Its name in the .proto. */
  readonly name: string;
  /** Its key in the message's object. */
  readonly key: string;
  /** By its number in descriptor.proto. */
  readonly type: number;
  /** Lists and maps. */
  readonly isRepeated: boolean;
  readonly isMap: boolean;
  /** The index of its oneof; -1 for none. */
  readonly oneof: number;
  /** The type of an enum field. */
  enumeration(): TextEnum;
  /** The type of a message, a group or the entries of a map. */
  message(): TextType;
  /** Sets an entry of a map in the message that has it. */
  addEntry(message: TextFields, entry: TextFields): void;
}

export interface TextEnum {
  /** Its full name. */
  readonly name: string;
  /** The names of its values. */
  names(): Iterable<string>;
  has(name: string): boolean;
  /** The value that stands for a number; undefined if a closed enum does not have it. */
  valueOf(number: number): string | number | undefined;
}
