// .http and .rest files of JetBrains' HTTP client: their GRPC requests. Those over HTTP are told, and left.

import {
  addMetadata,
  type Imported,
  type ImportedRequest,
  type Lost,
  messagesOf,
  nameOfMethod,
  variableValue,
  withVariables,
} from './imported.ts';

export function importHttp(text: string, lost: Lost): Imported {
  const variables = new Map<string, unknown>();
  const requests: ImportedRequest[] = [];
  const lines = text.split(/\r?\n/);
  let start = 0;
  for (let at = 0; at <= lines.length; at++) {
    if (at < lines.length && !lines[at].startsWith('###')) continue;
    const request = requestOf(lines.slice(start, at), start + 1, variables, lost);
    if (request !== undefined) requests.push(request);
    start = at;
  }
  return { requests, variables };
}

function requestOf(
  lines: readonly string[],
  firstLine: number,
  variables: Map<string, unknown>,
  lost: Lost,
): ImportedRequest | undefined {
  let name = /^###+\s*(.*?)\s*$/.exec(lines[0] ?? '')?.[1] ?? '';
  let head: { readonly url: string; readonly at: number } | undefined;
  const metadata = new Map<string, readonly string[]>();
  let at = 0;
  for (; at < lines.length; at++) {
    const line = lines[at];
    const number = firstLine + at;
    if (head !== undefined && line.trim() === '') break;
    const named = /^(?:#|\/\/)\s*@name\s*=?\s*(.+?)\s*$/.exec(line)?.[1];
    if (named !== undefined) name = named;
    else if (/^(?:#|\/\/)\s*@/.test(line)) lost(number, line.replace(/^(?:#|\/\/)\s*/, ''));
    if (/^(?:#|\/\/)/.test(line) || line.trim() === '') continue;
    const variable = /^@([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (variable !== null) {
      const [, key, value] = variable;
      variables.set(key, variableValue(key, value, number, lost));
    } else if (head === undefined) {
      const [, verb, url] = /^([A-Z]+)\s+(\S+)/.exec(line) ?? [];
      if (verb !== 'GRPC') {
        lost(number, `a request that is not GRPC: ${line.slice(0, 40)}`);
        return undefined;
      }
      head = { url, at };
    } else {
      const [, key, value] = /^([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
      if (key === undefined) lost(number, `a line that is not a header: ${line.slice(0, 40)}`);
      else if (!/^(?:content-type|te)$/i.test(key)) addMetadata(metadata, key, value, number, lost);
    }
  }
  if (head === undefined) return undefined;
  const { target, method } = placeOf(head.url, firstLine + head.at, lost);
  if (method === undefined) return undefined;
  return {
    name: name === '' ? nameOfMethod(method) : name,
    target,
    method,
    messages: bodyOf(lines.slice(at), firstLine + at, lost),
    metadata,
  };
}

function placeOf(url: string, line: number, lost: Lost) {
  const [, address, method] = /^((?:\w+:\/\/)?[^/]+)\/(.+)$/.exec(url) ?? [];
  if (address === undefined) {
    lost(line, `a request without a method: ${url}`);
    return { target: undefined, method: undefined };
  }
  return { target: withVariables(address, line, lost), method };
}

/** Messages, with lines of `===` between those of a stream; scripts and files are left out. */
function bodyOf(lines: readonly string[], firstLine: number, lost: Lost): readonly unknown[] {
  const kept: string[] = [];
  let isScript = false;
  for (const [index, line] of lines.entries()) {
    const begins = /^[<>]\s*\{%/.test(line);
    if (begins) lost(firstLine + index, 'a script');
    else if (!isScript && /^<@?\s/.test(line)) lost(firstLine + index, `the message of a file: ${line}`);
    else if (!isScript && /^(?:>|<>)/.test(line)) lost(firstLine + index, line);
    const isKept = !begins && !isScript && !/^(?:[<>]|===|#|\/\/)/.test(line);
    kept.push(isKept ? line : '');
    isScript = (begins || isScript) && !line.includes('%}');
  }
  return messagesOf(kept.join('\n'), firstLine, lost);
}
