// A server with a reflection service that says what a spec tells it to, right or wrong, and with methods that echo.
// Its reflection speaks through the published reflection.proto, not through the few descriptors that lib has.

import type { ConnectionOptions } from '../../../lib/http2/connection-options.ts';
import type { MessageCodec } from '../../../lib/schema/codec/method.ts';
import type {
  DescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from '../../../lib/schema/descriptors/descriptor-types.ts';
import { servicesOf } from '../../../lib/schema/descriptors/file-symbols.ts';
import { symbolsOf } from '../../../lib/schema/descriptors/symbol-table.ts';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { type Http2Peer, listenHttp2, type PeerStream } from '../../support/peers/peer.ts';
import { bytesOf } from './schema-files.ts';

/** What was asked: one of the five. */
export interface Question {
  readonly fileByFilename?: string;
  readonly fileContainingSymbol?: string;
  readonly fileContainingExtension?: { readonly containingType: string; readonly extensionNumber: number };
  readonly allExtensionNumbersOfType?: string;
  readonly listServices?: string;
}

/** A ServerReflectionResponse, the bytes of one, several, the end of the stream with a status, or nothing at all. */
export type Answer =
  | { readonly fileDescriptorResponse: { readonly fileDescriptorProto: readonly Uint8Array[] } }
  | { readonly listServicesResponse: { readonly service: readonly { readonly name: string }[] } }
  | {
      readonly allExtensionNumbersResponse: {
        readonly baseTypeName: string;
        readonly extensionNumber: readonly number[];
      };
    }
  | { readonly errorResponse: { readonly errorCode: number; readonly errorMessage: string } }
  | { readonly bytes: Uint8Array }
  | readonly Answer[]
  | { readonly status: number; readonly message?: string }
  | 'silence';

export interface ReflectionPeer extends Http2Peer {
  /** Questions in order, as `symbol hello.Greeter`, `file a.proto`, `extension a.T 100`, `extensions a.T` or `list`. */
  readonly questions: readonly string[];
  /** Streams of reflection that were opened, by version. */
  readonly streams: readonly string[];
  /** The request heads of those streams. */
  readonly reflectionRequests: readonly PeerStream[];
  /** Calls of other methods, by path. */
  readonly calls: readonly string[];
}

export interface ReflectionPeerOptions {
  /** Versions that it has. Default both. */
  readonly versions?: readonly ('v1' | 'v1alpha')[];
  /** How it ends a stream of a version that it has not. Default UNIMPLEMENTED. */
  readonly absent?: { readonly status: number; readonly message?: string };
  readonly answer: (question: Question, request: PeerStream) => Answer | Promise<Answer>;
  /** How it ends a call of another method. Default 0, after an echo of its first message. */
  readonly callStatus?: () => number;
  /** Answers calls of other methods in place of all that. */
  readonly onCall?: (request: PeerStream) => void;
  /** The google.rpc.Status that it sends with such a status. */
  readonly callDetails?: Uint8Array;
  readonly connection?: ConnectionOptions;
}

/** Streams whose response head was sent. */
const begun = new WeakSet<PeerStream>();

const UNIMPLEMENTED = 12;
const NOT_FOUND = 5;

export async function listenReflection(options: ReflectionPeerOptions): Promise<ReflectionPeer> {
  const { versions = ['v1', 'v1alpha'], absent = { status: UNIMPLEMENTED }, answer } = options;
  const schema = new Registry({ defaults: false });
  schema.add((await loadProto(['grpc/reflection/v1/reflection.proto'])).files, 'the specs');
  const requests = schema.message('grpc.reflection.v1.ServerReflectionRequest');
  const responses = schema.message('grpc.reflection.v1.ServerReflectionResponse');
  const questions: string[] = [];
  const streams: string[] = [];
  const calls: string[] = [];
  const reflectionRequests: PeerStream[] = [];

  const reflect = async (request: PeerStream): Promise<void> => {
    let answered = 0;
    for (;;) {
      await request.when(
        () => request.messages.length > answered || request.hasEnded || request.end !== undefined,
      );
      if (request.end?.kind === 'reset') return;
      if (request.messages.length === answered) break;
      const message = request.messages[answered++];
      const question = requests.decode(message, 0, message.length) as Question;
      questions.push(textOf(question));
      for (const said of [await answer(question, request)].flat()) {
        if (typeof said === 'string') continue;
        if ('status' in said) {
          end(request, said);
          return;
        }
        if (!begun.has(request)) request.head();
        begun.add(request);
        request.write(framed('bytes' in said ? said.bytes : encoded(responses, said)));
      }
    }
    end(request, { status: 0 });
  };

  const peer = await listenHttp2((request: PeerStream) => {
    const path = request.header(':path') ?? '';
    const version = /^\/grpc\.reflection\.(\w+)\.ServerReflection\//.exec(path)?.[1];
    if (version === undefined) {
      calls.push(path);
      if (options.onCall === undefined) void echo(request, options.callStatus?.() ?? 0, options.callDetails);
      else options.onCall(request);
      return;
    }
    streams.push(version);
    reflectionRequests.push(request);
    if (versions.some((one) => one === version)) void reflect(request);
    else end(request, absent);
  }, options.connection);
  return Object.assign(Object.create(peer) as Http2Peer, { questions, streams, calls, reflectionRequests });
}

function textOf(question: Question): string {
  const { fileByFilename, fileContainingSymbol, fileContainingExtension, allExtensionNumbersOfType } =
    question;
  if (fileByFilename !== undefined) return `file ${fileByFilename}`;
  if (allExtensionNumbersOfType !== undefined) return `extensions ${allExtensionNumbersOfType}`;
  if (fileContainingExtension !== undefined) {
    return `extension ${fileContainingExtension.containingType} ${fileContainingExtension.extensionNumber}`;
  }
  return fileContainingSymbol === undefined ? 'list' : `symbol ${fileContainingSymbol}`;
}

function encoded(codec: MessageCodec, value: unknown): Uint8Array {
  const { bytes, start, end } = codec.encode(value, 0);
  return bytes.slice(start, end);
}

function framed(message: Uint8Array): Uint8Array {
  const octets = Buffer.alloc(5 + message.length);
  octets.writeUInt32BE(message.length, 1);
  octets.set(message, 5);
  return octets;
}

function end(request: PeerStream, { status, message }: { status: number; message?: string }): void {
  if (request.end !== undefined && request.end.kind !== 'complete') return;
  const text = message === undefined ? [] : ['grpc-message', message];
  if (begun.has(request)) request.status(status, ...text);
  else
    request.head(
      [':status', '200', 'content-type', 'application/grpc', 'grpc-status', String(status), ...text],
      true,
    );
}

export async function echo(request: PeerStream, status: number, details?: Uint8Array): Promise<void> {
  await request.when(() => request.hasEnded || request.end !== undefined);
  if (request.end?.kind === 'reset') return;
  if (status !== 0) {
    const trailers =
      details === undefined ? [] : ['grpc-status-details-bin', Buffer.from(details).toString('base64')];
    request.head().status(status, ...trailers);
    return;
  }
  const contentType = request.header('content-type') ?? 'application/grpc';
  request
    .head([':status', '200', 'content-type', contentType])
    .write(framed(request.messages[0] ?? Buffer.alloc(0)));
  request.status(0);
}

export interface AnsweringOptions {
  /** Send what a file imports with it. Default true. */
  readonly withImports?: boolean;
  /** Services that it lists. Default all of the files. */
  readonly services?: readonly string[];
}

/** An answer that says which question it is for. */
export const naming = (question: Question, answer: Answer): Answer =>
  Object.assign({ originalRequest: question }, answer);

export const notFound = (what = 'it is not here'): Answer => ({
  errorResponse: { errorCode: NOT_FOUND, errorMessage: what },
});

/** Answers from files, as a faultless server does. */
export function answersFrom(
  files: readonly FileDescriptorProto[],
  { withImports = true, services = files.flatMap(servicesOf) }: AnsweringOptions = {},
): (question: Question) => Answer {
  const withAllImports = (
    file: FileDescriptorProto,
    found = new Set<FileDescriptorProto>(),
  ): Uint8Array[] => {
    found.add(file);
    for (const name of file.dependency ?? []) {
      const imported = files.find((other) => other.name === name);
      if (imported !== undefined && !found.has(imported)) withAllImports(imported, found);
    }
    return [...found].map((one) => bytesOf(one, files));
  };
  return (question) => {
    const { fileByFilename, fileContainingSymbol, listServices } = question;
    const { fileContainingExtension: extension, allExtensionNumbersOfType: baseTypeName } = question;
    if (listServices !== undefined)
      return { listServicesResponse: { service: services.map((name) => ({ name })) } };
    if (baseTypeName !== undefined) {
      const numbers = files.flatMap((one) => extensionsOf(one, baseTypeName));
      return { allExtensionNumbersResponse: { baseTypeName, extensionNumber: numbers } };
    }
    const file = files.find((one) => {
      if (extension !== undefined)
        return extensionsOf(one, extension.containingType).includes(extension.extensionNumber);
      return fileByFilename === undefined
        ? symbolsOf(one).includes(fileContainingSymbol ?? '')
        : one.name === fileByFilename;
    });
    if (file === undefined) return notFound(`nothing is called ${textOf(question).replace(/^\w+ /, '')}`);
    const sent = withImports ? withAllImports(file) : [bytesOf(file, files)];
    return { fileDescriptorResponse: { fileDescriptorProto: sent } };
  };
}

/** The numbers of a file's extensions of a message. */
function extensionsOf(file: FileDescriptorProto, type: string): number[] {
  const inMessage = ({ extension, nestedType }: DescriptorProto): FieldDescriptorProto[] => [
    ...(extension ?? []),
    ...(nestedType ?? []).flatMap(inMessage),
  ];
  return [...(file.extension ?? []), ...(file.messageType ?? []).flatMap(inMessage)]
    .filter(({ extendee }) => extendee === `.${type}`)
    .map(({ number }) => number);
}
