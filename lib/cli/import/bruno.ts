// Requests of Bruno, in its YAML (OpenCollection). Its older format is read by bru.ts.

import { parseYaml } from '../client/yaml-text.ts';
import { LocalError } from '../command/failure.ts';
import { addMetadata, type Imported, type Lost, messagesOf, withVariables } from './imported.ts';

type Members = Readonly<Record<string, unknown>>;

export function importBruno(text: string, path: string, lost: Lost): Imported {
  const { info, grpc: given, runtime, ...others } = documentOf(text, path);
  const variables = new Map<string, unknown>();
  if (membersOf(info)['type'] !== 'grpc' || given === undefined) {
    lost(1, 'a request that is not gRPC');
    return { requests: [], variables };
  }
  const {
    url = '',
    method = '',
    metadata: headers,
    message,
    protoFilePath,
    auth,
    methodType: _,
    ...rest
  } = membersOf(given);
  const lineOf = (key: string): number =>
    text.slice(0, Math.max(0, text.search(new RegExp(`^\\s*${key}:`, 'm')))).split('\n').length;
  const metadata = metadataOf(headers, lineOf('metadata'), lost);
  const messages = (typeof message === 'string' ? [message] : listOf(message)).flatMap((one) => {
    const content = typeof one === 'string' ? one : (membersOf(one)['message'] ?? membersOf(one)['content']);
    return messagesOf(String(content ?? ''), lineOf('message'), lost);
  });
  const { mode, type } = membersOf(auth);
  if (auth !== undefined && auth !== 'none' && auth !== 'inherit' && mode !== 'none' && type !== 'none') {
    lost(lineOf('auth'), 'auth: write it as metadata');
  }
  for (const key of Object.keys(membersOf(runtime))) lost(lineOf('runtime'), `runtime.${key}`);
  for (const key of [...Object.keys(rest), ...Object.keys(others)]) {
    if (key !== 'docs' && key !== 'settings') lost(lineOf(key), key);
  }
  const target = grpcTarget(String(url), lineOf('url'), lost);
  return {
    variables,
    requests: [
      {
        name: String(membersOf(info)['name'] ?? method),
        target,
        method: String(method).replace(/^\//, ''),
        messages,
        metadata,
        schema: typeof protoFilePath === 'string' ? { proto: [protoFilePath] } : undefined,
        tags: listOf(membersOf(info)['tags']).map(String),
        description: typeof others['docs'] === 'string' ? others['docs'] : undefined,
      },
    ],
  };
}

function documentOf(text: string, path: string): Members {
  try {
    return membersOf(parseYaml(text));
  } catch (error) {
    throw new LocalError(
      `${path}: not YAML: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
    );
  }
}

function metadataOf(headers: unknown, line: number, lost: Lost): Map<string, readonly string[]> {
  const metadata = new Map<string, readonly string[]>();
  for (const header of listOf(headers)) {
    const { name, value, disabled, enabled } = membersOf(header);
    if (disabled === true || enabled === false) lost(line, `the metadata '${name}', which is turned off`);
    else addMetadata(metadata, String(name), String(value ?? ''), line, lost);
  }
  return metadata;
}

/** An address of Bruno's as a target. */
export function grpcTarget(url: string, line: number, lost: Lost): string {
  const http = url.replace(/^grpc:\/\//, 'http://').replace(/^grpcs:\/\//, 'https://');
  return withVariables(http, line, lost);
}

const membersOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
