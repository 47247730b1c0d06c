// How much a server may send when it is asked for its schema. The server may be hostile: everything that it can make
// grow is counted, and asking ends as soon as anything exceeds its limit. The defaults are in
// catalog/reflection-options.ts.

import { SchemaError } from '../../values/errors.ts';
import { called } from '../../values/options/option-words.ts';
import { ANSWER_SHAPE, countElements, FILE_SHAPE, type Shape } from './element-count.ts';

export interface ReflectionLimits {
  /** Bytes of files, each counted once, for one question of the user's; also of one answer. */
  readonly maxBytes: number;
  /** Messages, fields, enum values, methods and everything else in files. */
  readonly maxElements: number;
  /** Files that are sent, or asked for. */
  readonly maxFiles: number;
  /** How far imports lead from what was asked for. */
  readonly maxDepth: number;
  /** Services that it lists. */
  readonly maxServices: number;
}

/**
 * How often a server may send what is allowed: many send a file again with each answer that needs it, which costs
 * time and no memory.
 */
const REPETITIONS = 16;

/** How many look-ups of a name count as one element. */
const LOOKUPS = 4;

/** Counts against the limits. Each method throws a SchemaError that names the limit once it is exceeded. */
export class Budget {
  readonly #limits: ReflectionLimits;
  #answerBytes = 0;
  #fileBytes = 0;
  #elements = 0;
  #lookups = 0;
  #files = 0;
  #asked = 0;

  constructor(limits: ReflectionLimits) {
    this.#limits = limits;
  }

  countAnswer(bytes: Uint8Array): void {
    this.#answerBytes += bytes.length;
    this.#check('maxBytes', this.#answerBytes, 'bytes of answers', REPETITIONS);
    this.#countElements(bytes, ANSWER_SHAPE);
  }

  /** A file that was not sent before. */
  countFile(bytes: Uint8Array): void {
    this.#check('maxFiles', ++this.#files, 'files');
    this.#fileBytes += bytes.length;
    this.#check('maxBytes', this.#fileBytes, 'bytes');
    this.#countElements(bytes, FILE_SHAPE);
  }

  #countElements(bytes: Uint8Array, shape: Shape): void {
    this.#elements += countElements(bytes, shape);
    this.#check('maxElements', this.#elements, 'elements');
  }

  /** Questions about one file each, which a server may refuse again and again. */
  countQuestions(count: number): void {
    this.#asked += count;
    this.#check('maxFiles', this.#asked, 'imports');
  }

  /** Look-ups of relative names, each of which takes one in every scope around it. */
  countLookups(count: number): void {
    this.#lookups += count;
    this.#check('maxElements', this.#elements + Math.floor(this.#lookups / LOOKUPS), 'elements');
  }

  /** Questions that are still being gathered: there may be hundreds of names that one reference could mean. */
  checkQuestions(count: number): void {
    this.#check('maxFiles', this.#asked + count, 'imports');
  }

  checkDepth(depth: number): void {
    this.#check('maxDepth', depth, 'levels of imports');
  }

  checkServices(count: number): void {
    this.#check('maxServices', count, 'services');
  }

  /** Throws when a value is more than `times` its limit. */
  #check(name: keyof ReflectionLimits, value: number, what: string, times = 1): void {
    const limit = this.#limits[name];
    if (value <= limit * times) return;
    const most = `${times === 1 ? '' : `${times} times `}${called(`reflection.${name}`, limit)}`;
    throw new SchemaError(`the server's schema is too large: at least ${value} ${what} exceed ${most}`);
  }
}
