// What a file of requests says, as far as it can be known without a schema. Types only.

import type { MapEntry, SourceFile, SourceNode } from './source-file.ts';

/** Where the schema comes from; paths are as written. */
export interface SchemaChoice {
  readonly at: number;
  readonly proto: readonly string[];
  readonly importPath: readonly string[];
  readonly protoset: readonly string[];
  /** Whether the server is asked as well as the files. */
  readonly reflect: boolean | undefined;
}

type Protocol = 'grpc' | 'grpc-web' | 'connect';
type MessageCodec = 'proto' | 'json';

/** What requests have, and a file can say once for all of them. */
export interface CallSettings {
  readonly metadata: readonly MapEntry[];
  readonly timeoutMs: number | undefined;
  readonly protocol: Protocol | undefined;
  readonly codec: MessageCodec | undefined;
  readonly compress: string | undefined;
}

/** One message of a request, and what it waits for. */
export interface RequestMessage {
  readonly node: SourceNode;
  readonly delayMs: number;
  /** So many replies come before it is sent. */
  readonly afterReply: number;
}

interface TimeLimit {
  readonly at: number;
  readonly ms: number;
}

/** What is to come of a request; patterns are nodes, in the form of the room `matching`. */
export interface Expectation {
  readonly at: number;
  readonly status: SourceNode | undefined;
  /** Of a method that gives one reply. */
  readonly reply: SourceNode | undefined;
  /** Of a stream: a list of patterns, or operators for lists. */
  readonly replies: SourceNode | undefined;
  readonly headers: SourceNode | undefined;
  readonly trailers: SourceNode | undefined;
  /** For the whole call. */
  readonly within: TimeLimit | undefined;
  /** The longest time from one reply to the next. */
  readonly gap: TimeLimit | undefined;
  /** When the expected replies are there, none comes for so long; then the call is ended here. */
  readonly quietFor: TimeLimit | undefined;
  /** What came once, in the file of snapshots, comes again. */
  readonly snapshot: boolean;
  readonly snapshotAt: number;
}

type CaptureSource = 'reply' | 'header' | 'trailer';

/** A value that is kept for later requests. */
export interface Capture {
  readonly name: string;
  readonly at: number;
  readonly from: CaptureSource;
  /** A path into the reply, or the name of a header. */
  readonly path: string;
  /** Whether it may not be shown; undefined where its name and its value decide. */
  readonly isSecret: boolean | undefined;
}

/** The rows that a request is sent for, once each. */
export type RowSource =
  | { readonly at: number; readonly rows: readonly (readonly MapEntry[])[] }
  | { readonly at: number; readonly file: string; readonly form: 'csv' | 'jsonl' };

export interface SavedRequest extends CallSettings {
  readonly name: string;
  readonly at: number;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  readonly method: string;
  readonly methodAt: number;
  readonly target: SourceNode | undefined;
  /** In place of the file's. */
  readonly schema: SchemaChoice | undefined;
  /** Given as `requests`, a list, rather than as `request`. */
  readonly isList: boolean;
  readonly messages: readonly RequestMessage[];
  /** May run beside its neighbours that say so too. */
  readonly isParallel: boolean;
  /** Why it is not run. */
  readonly skip: string | undefined;
  readonly retry: number | undefined;
  readonly each: RowSource | undefined;
  readonly expect: Expectation;
  readonly captures: readonly Capture[];
}

export interface RequestFile {
  readonly source: SourceFile;
  readonly target: SourceNode | undefined;
  readonly schema: SchemaChoice | undefined;
  readonly variables: readonly MapEntry[];
  readonly requests: readonly SavedRequest[];
}
