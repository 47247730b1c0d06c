// The messages of grpc.reflection.v1 and v1alpha, which are the same but for their package. The descriptors are
// written out, as far as they are needed: asking a server takes no .proto parser.

import { SchemaError } from '../../errors.ts';
import { StatusCode } from '../../status.ts';
import { DecodeError } from '../decode-error.ts';
import type { DescriptorProto, FieldDescriptorProto, FieldTypeName } from '../descriptor.ts';
import { Registry } from '../registry.ts';

/** What is asked: exactly one. */
export type ReflectionRequest =
  | { readonly fileByFilename: string }
  | { readonly fileContainingSymbol: string }
  | { readonly listServices: string };

/** What is answered. */
export type ReflectionAnswer =
  | { readonly kind: 'files'; readonly files: readonly Uint8Array[] }
  | { readonly kind: 'services'; readonly names: readonly string[] }
  | { readonly kind: 'error'; readonly code: number; readonly message: string };

const PACKAGE = 'grpc.reflection.v1';

function field(name: string, number: number, type: string, isMany = false): FieldDescriptorProto {
  const label = isMany ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL';
  if (type.startsWith('TYPE_')) return { name, number, label, type: type as FieldTypeName };
  return { name, number, label, type: 'TYPE_MESSAGE', typeName: `.${PACKAGE}.${type}` };
}

const inOneof = (one: FieldDescriptorProto): FieldDescriptorProto => ({ ...one, oneofIndex: 0 });

const MESSAGES: readonly DescriptorProto[] = [
  {
    name: 'ServerReflectionRequest',
    oneofDecl: [{ name: 'message_request' }],
    field: [
      field('host', 1, 'TYPE_STRING'),
      inOneof(field('file_by_filename', 3, 'TYPE_STRING')),
      inOneof(field('file_containing_symbol', 4, 'TYPE_STRING')),
      inOneof(field('list_services', 7, 'TYPE_STRING')),
    ],
  },
  {
    name: 'ServerReflectionResponse',
    oneofDecl: [{ name: 'message_response' }],
    field: [
      inOneof(field('file_descriptor_response', 4, 'FileDescriptorResponse')),
      inOneof(field('list_services_response', 6, 'ListServiceResponse')),
      inOneof(field('error_response', 7, 'ErrorResponse')),
    ],
  },
  { name: 'FileDescriptorResponse', field: [field('file_descriptor_proto', 1, 'TYPE_BYTES', true)] },
  { name: 'ListServiceResponse', field: [field('service', 1, 'ServiceResponse', true)] },
  { name: 'ServiceResponse', field: [field('name', 1, 'TYPE_STRING')] },
  {
    name: 'ErrorResponse',
    field: [field('error_code', 1, 'TYPE_INT32'), field('error_message', 2, 'TYPE_STRING')],
  },
];

/** ServerReflectionResponse as it is decoded. */
interface Response {
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Uint8Array[] };
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly errorResponse?: { readonly errorCode: number; readonly errorMessage: string };
}

let registry: Registry | undefined;

function messages(): Registry {
  if (registry === undefined) {
    registry = new Registry();
    const file = { name: 'grpc/reflection/v1/reflection.proto', package: PACKAGE, syntax: 'proto3' };
    registry.add([{ ...file, messageType: MESSAGES }], 'the package itself');
  }
  return registry;
}

/** The path of ServerReflectionInfo. */
export function reflectionPath(version: 'v1' | 'v1alpha'): string {
  return `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
}

export function encodeReflectionRequest(request: ReflectionRequest): Uint8Array {
  const { bytes, start, end } = messages().message(`${PACKAGE}.ServerReflectionRequest`).encode(request, 0);
  return bytes.subarray(start, end);
}

const MAX_TEXT_LENGTH = 300;

/** The text as one line, and not a long one: it is the server's, and becomes part of an error. */
export function errorAnswer(code: number, text: string): ReflectionAnswer {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal would act on them
  const line = text.slice(0, MAX_TEXT_LENGTH + 1).replace(/[\s\0-\x1f\x7f]+/g, ' ');
  const message = line.length > MAX_TEXT_LENGTH ? `${line.slice(0, MAX_TEXT_LENGTH)}…` : line.trim();
  return { kind: 'error', code, message: message === '' ? `error code ${code}` : message };
}

/** SchemaError when the bytes are no answer at all. */
export function decodeReflectionAnswer(bytes: Uint8Array): ReflectionAnswer {
  let response: Response;
  try {
    response = messages()
      .message(`${PACKAGE}.ServerReflectionResponse`)
      .decode(bytes, 0, bytes.length) as Response;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new SchemaError(`the server's reflection sent what is no answer: ${error.message}`, {
      cause: error,
    });
  }
  const { fileDescriptorResponse, listServicesResponse, errorResponse } = response;
  if (fileDescriptorResponse !== undefined) {
    return { kind: 'files', files: fileDescriptorResponse.fileDescriptorProto };
  }
  if (listServicesResponse !== undefined) {
    return { kind: 'services', names: listServicesResponse.service.map(({ name }) => name) };
  }
  if (errorResponse !== undefined) {
    return errorAnswer(errorResponse.errorCode, errorResponse.errorMessage);
  }
  // A response without an answer: a server whose version has other answers, or none.
  return { kind: 'error', code: StatusCode.UNIMPLEMENTED, message: 'an answer of no known kind' };
}
