// One conversation with a server's reflection service: finds the version that it speaks, keeps a few questions on
// the way, and goes on after a stream that the server ended instead of answering. Knows messages, no files.

import { SchemaError } from '../../errors.ts';
import { StatusCode } from '../../status.ts';
import type { Invoke, InvokeOptions, ReflectionStream, StreamFailure } from './invoke.ts';
import type { Budget } from './limits.ts';
import {
  decodeReflectionAnswer,
  encodeReflectionRequest,
  errorAnswer,
  type ReflectionAnswer,
  type ReflectionRequest,
  reflectionPath,
} from './messages.ts';
import { NoReflection, ReflectionLost } from './reflection-errors.ts';

export type ReflectionVersion = 'v1' | 'v1alpha';

/** Questions on the way at a time. Answers come in order, and may be large. */
const MAX_OUTSTANDING = 32;

/** What is known of a server from one session to the next. */
export interface KnownServer {
  /** How errors call it. */
  readonly name: string;
  version: ReflectionVersion | undefined;
  /** The other version is not to be tried. */
  readonly isVersionFixed?: boolean;
}

export class ReflectionSession {
  readonly #invoke: Invoke;
  readonly #options: InvokeOptions;
  readonly #server: KnownServer;
  readonly #budget: Budget;
  #stream: ReflectionStream | undefined;
  #version: ReflectionVersion;
  /** Answers on the current stream, and whether there was one on any. */
  #answered = 0;
  #hasAnswered = false;
  /** How the other version failed, before its first answer. */
  #otherFailure: StreamFailure | undefined;

  constructor(invoke: Invoke, options: InvokeOptions, server: KnownServer, budget: Budget) {
    this.#invoke = invoke;
    this.#options = options;
    this.#server = server;
    this.#budget = budget;
    this.#version = server.version ?? 'v1';
  }

  /**
   * The answers, in order of the questions. What a server cannot answer is an answer of kind `error`.
   * Throws NoReflection or ReflectionLost when it answers nothing at all, SchemaError past a limit, and the reason
   * of the signal.
   */
  async ask(requests: readonly ReflectionRequest[]): Promise<ReflectionAnswer[]> {
    const answers: ReflectionAnswer[] = [];
    let sent = 0;
    while (answers.length < requests.length) {
      this.#options.signal.throwIfAborted();
      if (this.#stream === undefined) {
        this.#stream = this.#invoke(reflectionPath(this.#version), this.#options);
        this.#answered = 0;
        sent = answers.length;
      }
      while (sent < requests.length && sent - answers.length < MAX_OUTSTANDING) {
        this.#stream.send(encodeReflectionRequest(requests[sent++]));
      }
      const step = await this.#stream.receive();
      this.#options.signal.throwIfAborted();
      if (step.kind === 'message') {
        this.#budget.countAnswer(step.bytes);
        answers.push(decodeReflectionAnswer(step.bytes));
        this.#answered++;
        this.#hasAnswered = true;
        this.#server.version = this.#version;
      } else {
        this.#stream = undefined;
        const answer = this.#afterEnd(step.failure);
        if (answer !== undefined) answers.push(answer);
      }
    }
    return answers;
  }

  /** Lets the stream go. */
  close(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  /** What a stream's end means for the first question without an answer: undefined to ask it once more. */
  #afterEnd(failure: StreamFailure): ReflectionAnswer | undefined {
    const { kind } = failure;
    if (kind === 'cancelled' || kind === 'unconnected') throw new ReflectionLost(failure);
    if (kind === 'late' || kind === 'too-large')
      throw new SchemaError(`${this.#server.name}: ${failure.details}`);
    // A stream that was of use may end for reasons of its own: the question is put once more, on another.
    if (this.#answered > 0) return undefined;
    if (this.#hasAnswered) {
      // It speaks this version: what it refuses is this one question.
      if (kind === 'lost') throw new ReflectionLost(failure);
      return answerOf(failure);
    }
    if (this.#server.isVersionFixed) return this.#whyNot(failure);
    if (this.#otherFailure === undefined) {
      this.#otherFailure = failure;
      this.#version = this.#version === 'v1' ? 'v1alpha' : 'v1';
      return undefined;
    }
    const [first, second] = [this.#otherFailure, failure];
    this.#otherFailure = undefined;
    this.#version = this.#version === 'v1' ? 'v1alpha' : 'v1';
    // What says more than that there is no such method, and of two such, what came first.
    return this.#whyNot(isUnimplemented(first) ? second : first);
  }

  /** Why there is no reflection, as an error, unless it is only this question that was refused. */
  #whyNot(telling: StreamFailure): ReflectionAnswer {
    if (telling.kind === 'lost') throw new ReflectionLost(telling);
    if (isUnimplemented(telling)) throw this.#none(telling);
    if (telling.code === StatusCode.PERMISSION_DENIED || telling.code === StatusCode.UNAUTHENTICATED)
      throw this.#refused(telling);
    return answerOf(telling);
  }

  #none({ details, error, isFromServer }: StreamFailure): NoReflection {
    // Servers say no more than that there is no such method; what this side made of an answer tells something.
    const said = isFromServer ? '' : ` (${details})`;
    const which = this.#server.isVersionFixed ? ` of version ${this.#version}` : '';
    return new NoReflection(`${this.#server.name} has no reflection service${which}${said}`, {
      cause: error,
    });
  }

  #refused({ codeName, details, error }: StreamFailure): NoReflection {
    return new NoReflection(
      `${this.#server.name} refuses reflection with ${codeName}${details === '' ? '' : `: ${details}`} ` +
        `(calls' metadata is not sent to it; the option reflection.metadata is)`,
      { cause: error },
    );
  }
}

function isUnimplemented(failure: StreamFailure): boolean {
  return failure.code === StatusCode.UNIMPLEMENTED;
}

function answerOf({ code, codeName, details }: StreamFailure): ReflectionAnswer {
  return errorAnswer(
    code,
    code === 0 ? 'the server ended the stream without an answer' : details || codeName,
  );
}
