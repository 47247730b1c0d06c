// The TypeScript shapes of a client: what a method's name says about its request, replies and kind of call.

import type { Cardinality } from '../schema/codec/method.ts';
import type { Call, Stream } from './call.ts';
import type { CallOptions } from './call-options.ts';

/**
 * What `load` takes, alone or in an array: a path or `file:` URL of a .proto file, a directory, a FileDescriptorSet or
 * a generated module; .proto source text; the bytes of a FileDescriptorSet; or an object (a FileDescriptorSet, a
 * protobufjs Root or its JSON, a PackageDefinition, a service definition, an imported generated module). See
 * docs/sources.md.
 */
export type LoadSource = string | URL | Uint8Array | object | readonly (string | URL | Uint8Array | object)[];

/**
 * A message whose schema is known only at run time: `message.anything` compiles. The only untyped part of this package;
 * a client typed as `Client<Services>` does without it.
 */
// biome-ignore lint/suspicious/noExplicitAny: there is no other type in which every property access compiles
export type DynamicMessage = any;

/** A service object whose methods are known only at run time. */
export type DynamicService = DynamicMessage;

/** The types of one method. */
export interface MethodTypes {
  /** What `request` and `write` take. */
  readonly request: unknown;
  /** What awaiting a call, or iterating over it, gives. */
  readonly reply: unknown;
  /** How many messages go each way. */
  readonly cardinality: Cardinality;
}

/** The methods of a client that knows them only at run time. */
export interface Untyped {
  readonly [method: string]: {
    readonly request: DynamicMessage;
    readonly reply: DynamicMessage;
    readonly cardinality: Cardinality;
  };
}

/** The method names that a client accepts. */
export type MethodName<S> = keyof S & string;

type TypesOf<S, M extends MethodName<S>> = S[M] extends MethodTypes ? S[M] : never;

/** Whether the method names are not spelled out. (`S extends Untyped` would hold for every type alias.) */
type IsUntyped<S> = string extends keyof S ? true : false;

/** The request of a method: one message, or an iterable of messages. */
export type RequestOf<S, M extends MethodName<S>> =
  IsUntyped<S> extends true
    ? DynamicMessage
    : TypesOf<S, M>['cardinality'] extends 'stream_unary' | 'stream_stream'
      ? Iterable<TypesOf<S, M>['request']> | AsyncIterable<TypesOf<S, M>['request']>
      : TypesOf<S, M>['request'];

/** The type of call that a method returns. */
export type CallOf<S, M extends MethodName<S>> =
  IsUntyped<S> extends true
    ? Call<DynamicMessage, DynamicMessage, DynamicMessage>
    : TypesOf<S, M>['cardinality'] extends 'unary_stream' | 'stream_stream'
      ? Call<
          TypesOf<S, M>['request'],
          TypesOf<S, M>['reply'],
          Stream<TypesOf<S, M>['request'], TypesOf<S, M>['reply']>
        >
      : Call<TypesOf<S, M>['request'], TypesOf<S, M>['reply'], TypesOf<S, M>['reply']>;

/** What stands before the last dot of a name: `shop` of `shop.Item`; '' where there is no dot. */
type ParentOf<Name extends string, Parent extends string = ''> = Name extends `${infer First}.${infer Rest}`
  ? ParentOf<Rest, Parent extends '' ? First : `${Parent}.${First}`>
  : Parent;

/** The service in one spelling of a method: `pkg.Service.Method`, `pkg.Service/Method` or `/pkg.Service/Method`. */
type ServiceIn<Key extends string> = Key extends `/${infer Service}/${string}`
  ? Service
  : Key extends `${infer Service}/${string}`
    ? Service
    : ParentOf<Key>;

/** The service names that a client accepts: those in its methods' names. */
export type ServiceName<S> = IsUntyped<S> extends true ? string : Exclude<ServiceIn<MethodName<S>>, ''>;

/** Whether a text is one name, not several with dots or slashes between. */
type IsSimple<Name extends string> = Name extends `${string}.${string}` | `${string}/${string}`
  ? false
  : true;

/** The method's own name in one spelling of it: in the first of its spellings that `S` has, and `never` in others. */
type MethodIn<S, Service extends string, Key> = Key extends `${Service}.${infer Method}`
  ? IsSimple<Method> extends true
    ? Method
    : never
  : Key extends `${Service}/${infer Method}`
    ? `${Service}.${Method}` extends keyof S
      ? never
      : Method
    : Key extends `/${Service}/${infer Method}`
      ? `${Service}.${Method}` extends keyof S
        ? never
        : `${Service}/${Method}` extends keyof S
          ? never
          : Method
      : never;

/** Of all keys those that may be a service's: a schema may have thousands, and each test costs the compiler time. */
type KeyOfService<S, Service extends string> = Extract<
  keyof S,
  `${Service}.${string}` | `${Service}/${string}` | `/${Service}/${string}`
>;

/** The methods of a service, by their own names and with the comments that they have in `S`. */
type MethodsOf<S, Service extends string, Key extends keyof S> = {
  readonly [K in Key as MethodIn<S, Service, K>]: K extends MethodName<S>
    ? (fields?: RequestOf<S, K>, options?: CallOptions) => CallOf<S, K>
    : never;
};

/** A service as an object with its methods, each of which takes and gives what `client.request` does. */
export type ServiceOf<S, Service extends ServiceName<S>> =
  IsUntyped<S> extends true ? DynamicService : MethodsOf<S, Service, KeyOfService<S, Service>>;
