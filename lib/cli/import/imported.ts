// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// Requests out of other tools' files, and what of them could not be carried over.

import { literalText } from '../../requests/file/template.ts';
import { fromEnvironment } from '../../requests/secrets.ts';
import { isSecret } from '../../values/secret-metadata.ts';
import { JsonSyntaxError, parseJson } from '../../values/text/json-text.ts';
import { JsonSplitter } from '../requests/message-split.ts';

/** What a file of requests says of one; undefined members are left out. */
export interface ImportedRequest {
  readonly name: string;
  readonly target: string | undefined;
  readonly method: string;
  readonly messages: readonly unknown[];
  readonly metadata: ReadonlyMap<string, readonly string[]>;
  readonly timeout?: string | undefined;
  readonly compress?: string | undefined;
  readonly retry?: number | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly schema?: object | undefined;
  readonly expect?: object | undefined;
  readonly capture?: object | undefined;
  readonly description?: string | undefined;
}

export interface Imported {
  readonly requests: readonly ImportedRequest[];
  readonly variables: ReadonlyMap<string, unknown>;
}

/** What a request is called that has no name of its own: as its method, without the service. */
export const nameOfMethod = (method: string): string => method.replace(/^.*[./]/, '');

/** Told of what is not carried over, with its line. */
export type Lost = (line: number, what: string) => void;

/** `{{name}}`, as most tools have variables, as `${name}`; other text stays what it is. */
export function withVariables(text: string, line: number, lost: Lost): string {
  return literalText(text).replace(/\{\{\s*([^{}]*?)\s*\}\}/g, (whole, inside: string) => {
    const environment = /^(?:process\.env\.|\$env\.|\$processEnv\s+%?)([A-Za-z_]\w*)$/.exec(inside)?.[1];
    if (environment !== undefined) return `\${env:${environment}}`;
    if (/^[A-Za-z_][\w.-]*$/.test(inside)) return `\${${inside}}`;
    lost(line, `the variable ${whole}, which has no counterpart`);
    return whole;
  });
}

/** A value of JSON with variables in its texts. */
export function valueWithVariables(value: unknown, line: number, lost: Lost): unknown {
  if (typeof value === 'string') return withVariables(value, line, lost);
  if (Array.isArray(value)) return value.map((item) => valueWithVariables(item, line, lost));
  if (typeof value !== 'object' || value === null || value instanceof Number) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [literalText(key), valueWithVariables(item, line, lost)]),
  );
}

/** The messages of a text, JSON values one after another; variables without quotes get them. */
export function messagesOf(text: string, line: number, lost: Lost): readonly unknown[] {
  const splitter = new JsonSplitter();
  const quoted = text.replace(/([:[,]\s*)(\{\{[^{}]*\}\})(?=\s*[,}\]])/g, '$1"$2"');
  const documents = [...splitter.push(quoted), ...splitter.end()];
  return documents.flatMap((document) => {
    const at = line + document.line - 1;
    try {
      return [valueWithVariables(parseJson(document.text), at, lost)];
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      lost(at, `a message that is not JSON: ${error.problem}`);
      return [];
    }
  });
}

/** Adds metadata; a value that looks like a secret becomes a variable of the environment. */
export function addMetadata(
  metadata: Map<string, readonly string[]>,
  name: string,
  value: string,
  line: number,
  lost: Lost,
): void {
  const key = name.toLowerCase();
  const text = withVariables(value, line, lost);
  const isLiteral = text === literalText(value) && !/\$[A-Za-z_{]/.test(value);
  // What a shell or grpcurl takes from the environment.
  const known = text
    .replace(/\$?\$\{([A-Za-z_]\w*)\}/g, (whole, variable: string) =>
      value.includes(`\${${variable}}`) ? `\${env:${variable}}` : whole,
    )
    .replace(/\$([A-Za-z_]\w*)/g, (_, variable: string) => `\${env:${variable}}`);
  metadata.set(key, [...(metadata.get(key) ?? []), isLiteral ? withoutSecret(key, text, line, lost) : known]);
}

/** A value, or a variable of the environment in place of one that looks like a secret. */
function withoutSecret(name: string, value: string, line: number, lost: Lost): string {
  if (!isSecret(name, value)) return value;
  const { variable, text } = fromEnvironment(name, value);
  lost(line, `the value of '${name}', which looks like a secret: set ${variable} in the environment`);
  return text;
}

/** The value of a variable of a tool's; a variable of the environment in place of what looks like a secret. */
export function variableValue(name: string, value: string, line: number, lost: Lost): string {
  const text = withVariables(value, line, lost);
  return text === literalText(value) ? withoutSecret(name.toLowerCase(), text, line, lost) : text;
}
