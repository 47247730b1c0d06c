// What to print for an error, in the command line's words, and the exit status. It knows the library's errors, and so is
// imported when there is one; it prints nothing.

import { type ErrorDetail, RpcError, SchemaError } from '../index.ts';
import { escapeText, jsonText } from './escape.ts';
import { EXIT, LocalError, UsageError } from './failure.ts';

export interface Failure {
  /** Without control characters; the first line says it all. */
  readonly lines: readonly string[];
  readonly status: number;
}

/** How the library's options are called on the command line, the longer phrases first. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/does it want TLS\?\)/g, 'does it want TLS? then use --tls)'],
  [/use an http:\/\/ target or leave tls out/g, 'use --plaintext, or an http:// target'],
  [/use an https:\/\/ target, or the option tls/g, 'use --tls, or an https:// target'],
  [/use an http:\/\/ target, or leave tls out, to talk plaintext/g, 'use --plaintext, or an http:// target'],
  [
    /give its certificate as tls\.ca \(ca: 'system' takes the system's roots\)/g,
    "give its certificate with --ca (--ca system takes the system's roots)",
  ],
  [
    /give this very certificate as tls\.ca/g,
    'give this very certificate with --ca (or --insecure for a test)',
  ],
  [/give the right one as tls\.ca/g, 'give the right one with --ca'],
  [/give tls\.cert and tls\.key/g, 'give --cert and --key'],
  [/; minVersion: 'TLSv1\.2' would allow one more/g, ''],
  [/as serverName/g, 'with --server-name'],
  [/allowCredentialsOverPlaintext/g, '--plaintext'],
  [/\btls\.ca\b/g, '--ca'],
  [/\btls\.cert\b/g, '--cert'],
  [/\btls\.key\b/g, '--key'],
  [/\btls\.pfx\b/g, '--pfx'],
  [/\btls\.passphrase\b/g, '--passphrase'],
  [/\b(?:tls\.)?serverName\b/g, '--server-name'],
  [/\bmaxReceiveMessageBytes\b/g, '--max-size'],
  [/\bmaxHeaderListBytes\b/g, '--max-header-size'],
  [/\bconnectTimeoutMs (\d+)/g, '--connect-timeout $1ms'],
  [/\bconnectTimeoutMs\b/g, '--connect-timeout'],
  [/\btimeoutMs\b/g, '--timeout'],
  [/\breflection\.metadata\b/g, '-H or --reflect-header'],
  [/\bincludeDirs\b/g, '--import-path'],
  [/ or new Client\('[^']*', port\)/g, ''],
  [/, or the option resolver/g, ''],
];

/** The library's words with the command line's names for what they are about. */
function inCommandLineWords(message: string): string {
  let text = message;
  for (const [library, commandLine] of SPELLINGS) text = text.replace(library, commandLine);
  // The paths of a file that is nowhere stand on lines of their own; here all is one line.
  return text.replace(
    /; tried\n([\s\S]*)$/,
    (_, paths: string) => `; tried ${paths.trim().split(/\n\s*/).join(', ')}`,
  );
}

/** Whether a server without reflection was asked for its schema. */
const NO_REFLECTION = /has no (?:server )?reflection|does not (?:offer|have) (?:server )?reflection/i;

/** What to print for an error, and the exit status. */
export function explain(error: unknown): Failure {
  if (RpcError.is(error)) return explainRpc(error);
  if (error instanceof UsageError) return { lines: [escapeText(error.message)], status: EXIT.usage };
  // Written here, in the command line's words; names in it are the user's own.
  if (error instanceof LocalError) return { lines: [escapeText(error.message)], status: EXIT.failed };
  if (error instanceof SchemaError && NO_REFLECTION.test(error.message)) {
    return { lines: [escapeText(withFiles(error.message))], status: EXIT.failed };
  }
  if (error instanceof Error) {
    const text = inCommandLineWords(error.message === '' ? error.name : error.message);
    // A mistake of our own must be told apart from one of the user's.
    const isOurs =
      error instanceof ReferenceError ||
      (error.name === 'TypeError' && /is not a function|of undefined|of null/.test(text));
    return {
      lines: isOurs ? (error.stack ?? text).split('\n').map(escapeText) : [escapeText(text)],
      status: EXIT.failed,
    };
  }
  return { lines: [escapeText(String(error))], status: EXIT.failed };
}

function explainRpc(error: RpcError): Failure {
  // A server's own words are left alone: only the library's name its options.
  const text = error.origin === 'client' ? inCommandLineWords(error.message) : error.message;
  const lines = [NO_REFLECTION.test(text) ? withFiles(text) : text];
  for (const detail of error.errorDetails) lines.push(`  ${detailText(detail)}`);
  if (error.errorDetailsProblem !== undefined) lines.push(`  (error details: ${error.errorDetailsProblem})`);
  return { lines: lines.map(escapeText), status: EXIT.rpc + error.code };
}

function detailText(detail: ErrorDetail): string {
  const { '@type': type, ...fields } = detail;
  return `${type.slice(type.lastIndexOf('/') + 1)} ${jsonText(fields)}`;
}

function withFiles(message: string): string {
  const [first] = inCommandLineWords(message).split(/; (?:load|use client\.load)/);
  return `${first}; give its schema with --proto FILE (and --import-path DIR), or --protoset FILE`;
}
