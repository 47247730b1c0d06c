// Requests typed on a terminal, line by line, while replies come in between: JSON, or fields as words. A line that is
// wrong is told and forgotten; the call goes on.

import type { Client, MethodDescription } from '../index.ts';
import { escapeText } from './escape.ts';
import { explain } from './explain.ts';
import { LocalError } from './failure.ts';
import { fieldsOfWords } from './field-words.ts';
import type { Io } from './io.ts';
import { JsonSplitter } from './message-split.ts';
import { type Request, RequestMaker, type RequestSource } from './request-messages.ts';

/** The requests as they are typed, until Ctrl-D. */
export async function* interactiveRequests(
  client: Client,
  method: MethodDescription,
  source: RequestSource,
  io: Io,
): AsyncGenerator<Request, void, undefined> {
  const { dim, red } = io.err.colours;
  io.err.line(
    dim(
      `${escapeText(method.fullName)}: a request a line, as JSON or field=value …; Ctrl-D ends, Ctrl-C cancels`,
    ),
  );
  const maker = new RequestMaker(client, method, source);
  for await (const read of typed(io)) {
    try {
      if ('words' in read) yield maker.ofFields(fieldsOfWords(client, method.requestType, read.words));
      else yield* maker.ofDocument({ text: read.json, line: 1 }, 'not sent');
    } catch (error) {
      io.err.line(`${red('stubless:')} ${explain(error).lines[0]}`);
    }
  }
}

type Typed = { readonly words: readonly string[] } | { readonly json: string };

/** What was typed: lines of words, and JSON documents, which may take several lines. */
async function* typed(io: Io): AsyncGenerator<Typed, void, undefined> {
  const splitter = new JsonSplitter();
  const decoder = new TextDecoder();
  let rest = '';
  let isInJson = false;
  for await (const chunk of io.stdin) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() === '') continue;
      if (!isInJson && !/^\s*[{["]/.test(line)) {
        yield { words: wordsOf(line) };
        continue;
      }
      const documents = splitter.push(`${line}\n`);
      isInJson = documents.length === 0;
      for (const { text } of documents) yield { json: text };
    }
  }
  for (const { text } of splitter.end()) yield { json: text };
}

/** The words of a line as a shell would have them, without its variables. */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const char = line[i];
    if (quote !== '') {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"' && i + 1 < line.length) word = (word ?? '') + line[++i];
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === '\\' && i + 1 < line.length) word = (word ?? '') + line[++i];
    else word = (word ?? '') + char;
  }
  if (quote !== '') throw new LocalError(`a ${quote} is never closed`);
  if (word !== undefined) words.push(word);
  return words;
}
