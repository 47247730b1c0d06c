// What `client.describe` gives: types only.

import type { Options } from './descriptor.ts';
import type { Cardinality } from './method.ts';

/** What every symbol has. */
export interface SymbolDescription {
  /** `SayHello` */
  readonly name: string;
  /** `helloworld.Greeter.SayHello` */
  readonly fullName: string;
  /** The file that defines it. */
  readonly file: string;
  /** Its comments as text, the leading ones first; empty where there are none, or the source did not bring them. */
  readonly comments: string;
  /** Its options as set: standard ones by their JSON names, extensions under `[full.name]`. */
  readonly options: Options;
  /** It as .proto source, with comments. */
  readonly proto: string;
  /** The same as `proto`. */
  toProto(): string;
}

export interface ServiceDescription extends SymbolDescription {
  readonly kind: 'service';
  readonly methods: readonly MethodDescription[];
}

export interface MethodDescription extends SymbolDescription {
  readonly kind: 'method';
  /** Full name of its service. */
  readonly service: string;
  /** `/helloworld.Greeter/SayHello` */
  readonly path: string;
  readonly cardinality: Cardinality;
  readonly requestType: string;
  readonly replyType: string;
  /** A request to fill in, as JSON: every field, one member of each oneof, cut off where a type contains itself. */
  readonly template: unknown;
}

export interface MessageDescription extends SymbolDescription {
  readonly kind: 'message';
  /** By number. */
  readonly fields: readonly FieldDescription[];
  readonly oneofs: readonly OneofDescription[];
  /** Full names of what it contains. */
  readonly messages: readonly string[];
  readonly enums: readonly string[];
  readonly extensions: readonly string[];
  /** A message to fill in, as JSON. */
  readonly template: unknown;
}

export interface OneofDescription {
  readonly name: string;
  readonly comments: string;
  readonly options: Options;
  /** Names of its fields. */
  readonly fields: readonly string[];
}

export interface FieldDescription extends SymbolDescription {
  readonly kind: 'field' | 'extension';
  /** Full name of the message that it belongs to, or extends. */
  readonly message: string;
  readonly number: number;
  /** `int32`, the full name of a message or enum, or `map<string, pkg.Type>`. */
  readonly type: string;
  readonly jsonName: string;
  readonly isRepeated: boolean;
  readonly isMap: boolean;
  readonly isRequired: boolean;
  /** Whether unset differs from set to the default. */
  readonly hasPresence: boolean;
  readonly oneof: string | undefined;
  /** The default that the .proto declares, as text. */
  readonly defaultValue: string | undefined;
}

export interface EnumDescription extends SymbolDescription {
  readonly kind: 'enum';
  /** Whether it has no other numbers than those of its values. */
  readonly isClosed: boolean;
  readonly values: readonly EnumValueDescription[];
}

export interface EnumValueDescription extends SymbolDescription {
  readonly kind: 'value';
  /** Full name of its enum. */
  readonly enum: string;
  readonly number: number;
}

export interface PackageDescription extends SymbolDescription {
  readonly kind: 'package';
  readonly files: readonly string[];
  /** Full names of the packages below it. */
  readonly packages: readonly string[];
  readonly services: readonly string[];
  readonly messages: readonly string[];
  readonly enums: readonly string[];
  readonly extensions: readonly string[];
}

/** Told apart by `kind`. */
export type Description =
  | ServiceDescription
  | MethodDescription
  | MessageDescription
  | FieldDescription
  | EnumDescription
  | EnumValueDescription
  | PackageDescription;
