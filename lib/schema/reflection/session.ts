// One conversation with a server's reflection service: finds the version that it speaks, keeps several questions in
// flight, and continues on a new stream when the server ends one instead of answering. Knows messages, not files.

import { SchemaError } from '../../values/errors.ts';
import { advice } from '../../values/options/option-words.ts';
import { StatusCode } from '../../values/status.ts';
import type { Invoke, InvokeOptions, ReflectionStream, StreamFailure } from './invoke.ts';
import type { Budget } from './limits.ts';
import {
  decodeReflectionAnswer,
  encodeReflectionRequest,
  errorAnswer,
  questionKey,
  type ReflectionAnswer,
  type ReflectionRequest,
  reflectionPath,
} from './messages.ts';
import { NoReflection, ReflectionLost } from './reflection-errors.ts';

export type ReflectionVersion = 'v1' | 'v1alpha';

/** How many questions are in flight at a time. Answers come in order, and may be large. */
const MAX_OUTSTANDING = 32;
/** How many answers to questions that were already answered it takes to conclude that a server never stops. */
export const MAX_REPEATED_ANSWERS = 1000;

/** What is remembered about a server from one session to the next. */
export interface KnownServer {
  /** What errors call it. */
  readonly name: string;
  version: ReflectionVersion | undefined;
  /** Whether the other version must not be tried. */
  readonly isVersionFixed?: boolean;
}

export class ReflectionSession {
  readonly #invoke: Invoke;
  readonly #options: InvokeOptions;
  readonly #server: KnownServer;
  readonly #budget: Budget;
  #stream: ReflectionStream | undefined;
  #version: ReflectionVersion;
  /**
   * Questions that were answered on the current stream, with the digest of what it was, and whether there was one on
   * any.
   */
  readonly #answered: Map<string, number> = new Map();
  #hasAnswered = false;
  /** How many answers came to questions that already had one. */
  #repeated = 0;
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
   * The answers, in the order of the questions. What a server cannot answer gets an answer of kind `error`.
   * Throws NoReflection or ReflectionLost when it answers nothing at all, SchemaError when a limit is exceeded, and the
   * reason of the signal.
   */
  async ask(requests: readonly ReflectionRequest[]): Promise<ReflectionAnswer[]> {
    const answers: ReflectionAnswer[] = [];
    /** Those without an answer; the first `sent` of them are in flight. */
    const left = requests.map((request, i) => ({ request, key: questionKey(request), i }));
    let sent = 0;
    while (left.length > 0) {
      this.#options.signal.throwIfAborted();
      if (this.#stream === undefined) {
        this.#stream = this.#invoke(reflectionPath(this.#version), this.#options);
        this.#answered.clear();
        sent = 0;
      }
      const isHalfDuplex = this.#options.isHalfDuplex === true;
      while (sent < left.length && sent < (isHalfDuplex ? 1 : MAX_OUTSTANDING)) {
        this.#stream.send(encodeReflectionRequest(left[sent++].request));
      }
      const step = await this.#stream.receive();
      this.#options.signal.throwIfAborted();
      if (step.kind === 'message') {
        this.#budget.countAnswer(step.bytes);
        const { answer, question } = decodeReflectionAnswer(step.bytes);
        this.#hasAnswered = true;
        this.#server.version = this.#version;
        if (isHalfDuplex) this.close();
        const digest = question === undefined ? 0 : digestOf(step.bytes);
        const at = this.#placeOf(question, digest, left, sent);
        if (at === undefined) continue;
        const [{ key, i }] = left.splice(at, 1);
        sent--;
        this.#answered.set(key, digest);
        answers[i] = answer;
      } else {
        this.#stream = undefined;
        const answer = this.#afterEnd(step.failure);
        const first = answer === undefined ? undefined : left.shift();
        if (answer !== undefined && first !== undefined) answers[first.i] = answer;
      }
    }
    return answers;
  }

  /**
   * Which of the questions in flight was answered: the one that the answer names, otherwise the oldest. Undefined for one
   * that was answered before. Throws a SchemaError for too many of these.
   */
  #placeOf(
    question: string | undefined,
    digest: number,
    left: readonly { readonly key: string }[],
    sent: number,
  ): number | undefined {
    if (question === undefined) return 0;
    for (let at = 0; at < sent; at++) if (left[at].key === question) return at;
    // Some servers name the same question in every answer, or a modified one: then only the order counts.
    if (this.#answered.get(question) !== digest) return 0;
    if (++this.#repeated > MAX_REPEATED_ANSWERS) {
      throw new SchemaError(
        `${this.#server.name}: its reflection service repeats answers that it gave before, more than ${MAX_REPEATED_ANSWERS} times`,
      );
    }
    return undefined;
  }

  /** What its streams are opened with. */
  get options(): InvokeOptions {
    return this.#options;
  }

  /** Closes the stream. */
  close(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  /** What a stream's end means for the first question without an answer: undefined to ask it once more. */
  #afterEnd(failure: StreamFailure): ReflectionAnswer | undefined {
    const { kind } = failure;
    if (kind === 'cancelled' || kind === 'unconnected') throw new ReflectionLost(failure);
    if (kind === 'late' || kind === 'too-large')
      throw new SchemaError(`${this.#server.name}: ${failure.details}`, { cause: failure.error });
    // A stream that has answered before may end for other reasons: the question is asked again on a new one.
    if (this.#answered.size > 0) return undefined;
    if (this.#hasAnswered) {
      // It speaks this version: it refuses only this one question.
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
    // The failure that says more than UNIMPLEMENTED, or else the first.
    return this.#whyNot(isUnimplemented(first) ? second : first);
  }

  /** Why there is no reflection, as an error, unless it is only this question that was refused. */
  #whyNot(telling: StreamFailure): ReflectionAnswer {
    if (telling.kind === 'lost') throw new ReflectionLost(telling);
    if (isRefusal(telling)) throw this.#refused(telling);
    // No schema that is given in another way would help.
    if (telling.isForeign === true) throw new ReflectionLost(telling);
    if (isUnimplemented(telling)) throw this.#none(telling);
    return answerOf(telling);
  }

  #none({ details, error, isFromServer }: StreamFailure): NoReflection {
    // A server's own details say only that the method is unknown; what this side made of an answer says more.
    const said = isFromServer ? '' : ` (${details})`;
    const which = this.#server.isVersionFixed ? ` of version ${this.#version}` : '';
    return new NoReflection(`${this.#server.name} has no reflection service${which}${said}`, {
      cause: error,
    });
  }

  #refused({ codeName, details, error }: StreamFailure): NoReflection {
    return new NoReflection(
      `${this.#server.name} refuses reflection with ${codeName}${details === '' ? '' : `: ${details}`} ` +
        advice().authorizeReflection,
      { cause: error },
    );
  }
}

function isRefusal({ code }: StreamFailure): boolean {
  return code === StatusCode.PERMISSION_DENIED || code === StatusCode.UNAUTHENTICATED;
}

function isUnimplemented(failure: StreamFailure): boolean {
  return failure.code === StatusCode.UNIMPLEMENTED;
}

function answerOf({ code, codeName, details, error }: StreamFailure): ReflectionAnswer {
  return errorAnswer(
    code,
    code === 0 ? 'the server ended the stream without an answer' : details || codeName,
    error,
  );
}

/** A digest that tells an answer from others (FNV-1a). */
function digestOf(bytes: Uint8Array): number {
  let digest = 0x811c9dc5;
  for (const octet of bytes) digest = Math.imul(digest ^ octet, 0x01000193);
  return digest;
}
