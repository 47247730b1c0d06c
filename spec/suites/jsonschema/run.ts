// Whether the JSON Schema of real types and our ProtoJSON agree, and whether OpenAPI documents of real services are valid:
//
//   npm run jsonschema [-- --seconds N] [--seed N] [--only NAME]
//
// Files are chosen at random, from each tree for the same time. Of each file some messages: documents made up from their
// descriptors, whatever ProtoJSON takes, and the same with one thing changed; ajv and `fromJson` must agree on them but for
// what docs/json-schema.md lists. Ends with `N passed, N failed`, a document a count.

import { parseArgs } from 'node:util';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { symbolsOf } from '../../../lib/schema/descriptors/symbol-table.ts';
import { openApi } from '../../../lib/schema/openapi/open-api.ts';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { protoFilesBelow } from '../../../lib/schema/sources/proto-directory.ts';
import { SchemaError } from '../../../lib/values/errors.ts';
import { messageOf } from '../../../lib/values/realm.ts';
import { disagreement, validatorOf } from '../../schema/json-schema/agreement.ts';
import { RandomDocuments } from '../../schema/json-schema/random-documents.ts';
import { chance } from '../../support/chance.ts';
import { type SchemaTree, schemaTrees } from './schemas.ts';

const MAX_TYPES_OF_FILE = 4;
const DOCUMENTS_OF_TYPE = 40;
const MAX_SHOWN = 20;

interface Counts {
  files: number;
  types: number;
  passed: number;
  documents: number;
  operations: number;
}

class Comparison {
  readonly #tree: SchemaTree;
  readonly #random: () => number;
  readonly counts: Counts = { files: 0, types: 0, passed: 0, documents: 0, operations: 0 };
  readonly failures: string[] = [];

  constructor(tree: SchemaTree, random: () => number) {
    this.#tree = tree;
    this.#random = random;
  }

  async run(untilMs: number): Promise<void> {
    const files = this.#shuffled(await protoFilesBelow(this.#tree.directory));
    for (const path of files) {
      if (performance.now() > untilMs) return;
      const registry = new Registry();
      let name: string;
      let loaded: readonly FileDescriptorProto[];
      try {
        const { files: all, sources } = await loadProto([{ path, root: this.#tree.directory }], {
          includeDirs: this.#tree.includeDirs,
        });
        registry.add(all, path);
        [name] = sources;
        loaded = all;
      } catch (error) {
        // What does not load is for `npm run wild`.
        if (!(error instanceof SchemaError)) throw error;
        continue;
      }
      this.counts.files++;
      const file = loaded.find((one) => one.name === name);
      if (file === undefined) continue;
      this.#types(registry, file, untilMs);
      await this.#services(registry, path);
    }
  }

  #types(registry: Registry, file: FileDescriptorProto, untilMs: number): void {
    const types = this.#shuffled(symbolsOf(file).filter((one) => registry.find(one)?.kind === 'message'));
    const fields = (type: string): number => registry.plan(type).fields.length;
    if (this.#tree.isWhole === true) types.sort((a, b) => fields(b) - fields(a));
    for (const type of this.#tree.isWhole === true ? types : types.slice(0, MAX_TYPES_OF_FILE)) {
      if (performance.now() > untilMs) return;
      const plan = registry.plan(type);
      if (plan.type.isMapEntry) continue;
      this.counts.types++;
      const validate = validatorOf(registry, type);
      const given = validatorOf(registry, type, { direction: 'output' });
      const documents = new RandomDocuments(this.#random);
      for (let i = 0; i < DOCUMENTS_OF_TYPE; i++) {
        const document = documents.of(plan);
        this.#note(disagreement(registry, type, validate, document));
        this.#note(disagreement(registry, type, validate, documents.mutated(document, plan)));
        this.#note(this.#notGiven(registry, type, document, given));
      }
    }
  }

  /** What toJson makes of an accepted document, if it is not valid. */
  #notGiven(
    registry: Registry,
    type: string,
    document: unknown,
    given: ReturnType<typeof validatorOf>,
  ): string | undefined {
    let canonical: unknown;
    try {
      canonical = registry.toJson(registry.fromJson(type, document), type);
    } catch {
      return undefined;
    }
    const json = JSON.stringify(canonical);
    if (given(JSON.parse(json))) return undefined;
    const [error] = given.errors ?? [];
    return `${type}: ${json} is given, but not valid: ${error?.instancePath} ${error?.message}`;
  }

  async #services(registry: Registry, path: string): Promise<void> {
    if (registry.services.length === 0) return;
    const document = JSON.parse(JSON.stringify(openApi(registry))) as { readonly paths: object };
    this.counts.operations += Object.keys(document.paths).length;
    const { valid, errors } = await new Validator().validate(document);
    this.#note(valid ? undefined : `${path}: ${JSON.stringify(errors).slice(0, 500)}`);
  }

  #note(failure: string | undefined): void {
    this.counts.documents++;
    if (failure === undefined) this.counts.passed++;
    else this.failures.push(failure);
  }

  #shuffled<T>(list: readonly T[]): T[] {
    return list
      .map((item) => [this.#random(), item] as const)
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item);
  }
}

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const trees = schemaTrees().filter(({ name }) => values.only === undefined || name === values.only);
console.log(`seed ${seed}`);
let passed = 0;
let failed = 0;
for (const tree of trees) {
  const comparison = new Comparison(tree, chance(seed));
  try {
    await comparison.run(performance.now() + (Number(values.seconds) * 1000) / trees.length);
  } catch (error) {
    comparison.failures.push(`${tree.name}: ${error instanceof Error ? error.stack : messageOf(error)}`);
  }
  const { counts, failures } = comparison;
  console.log(
    `${tree.name}: ${counts.files} files, ${counts.types} types, ${counts.documents} documents, ${counts.operations} paths`,
  );
  for (const failure of failures.slice(0, MAX_SHOWN)) console.log(`FAIL ${failure}`);
  passed += counts.passed;
  failed += failures.length;
  // Each tree has its share of what there is to compare.
  if (counts.types === 0) failed++;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
