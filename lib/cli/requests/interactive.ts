// Requests typed on a terminal, line by line, while replies come in between: JSON, or fields as words. A line that is
// wrong is told and forgotten; the call goes on.

import type { Client, MethodDescription } from '../../index.ts';
import { escapeText } from '../command/escape.ts';
import { tellFailure } from '../command/explain.ts';
import type { Io } from '../command/io.ts';
import { type Request, RequestMaker, type RequestSource } from './request-messages.ts';
import { type Typed, TypedLines } from './typed-lines.ts';

/** The requests as they are typed, until Ctrl-D. */
export async function* interactiveRequests(
  client: Client,
  method: MethodDescription,
  source: RequestSource,
  io: Io,
): AsyncGenerator<Request, void, undefined> {
  const { dim } = io.err.colours;
  io.err.line(
    dim(
      `${escapeText(method.fullName)}: one request per line, as JSON or field=value …; Ctrl-D ends them, Ctrl-C cancels`,
    ),
  );
  const maker = new RequestMaker(client, method, source);
  for await (const read of typed(io)) {
    try {
      yield* maker.ofTyped(read);
    } catch (error) {
      tellFailure(error, io);
    }
  }
}

/** What was typed, as it becomes whole. */
async function* typed(io: Io): AsyncGenerator<Typed, void, undefined> {
  const typedLines = new TypedLines();
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of io.stdin) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield* typedLines.push(line);
  }
  yield* typedLines.end();
}
