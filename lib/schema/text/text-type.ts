// What the reader of text format asks about types: of a schema that is loaded, or of one that is being linked, whose
// options have messages as values. Types only.

import type { TokenStream } from './token-stream.ts';

/** A message on its way: values by the keys of its fields. */
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
  /** Whether a field of that name was there once, so that its value is passed over. */
  isReserved(name: string): boolean;
  /** The extension, or the member of a MessageSet, that stands in brackets. */
  extension(name: string, offset: number): TextField | undefined;
  /** What to say where there is none. */
  unknownExtension(name: string, offset: number, tokens: TokenStream): Error;
  /** The type of what an Any holds. */
  payload(typeUrl: string, offset: number): TextType | undefined;
  /** What to say where there is none. */
  unknownPayload(typeUrl: string, offset: number, tokens: TokenStream): Error;
  /** What stands for a message of which these fields are set. */
  value(fields: TextFields): unknown;
}

export interface TextField {
  /** As the .proto has it. */
  readonly name: string;
  /** Its key in the message's object. */
  readonly key: string;
  /** As a number of descriptor.proto. */
  readonly type: number;
  /** Lists and maps. */
  readonly isRepeated: boolean;
  readonly isMap: boolean;
  /** The index of its oneof; -1 for none. */
  readonly oneof: number;
  /** Of an enum. */
  enumeration(): TextEnum;
  /** Of a message, a group or the entries of a map. */
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
  /** What stands for a number; undefined where a closed enum does not have it. */
  valueOf(number: number): string | number | undefined;
}
