// schema/requests.json, by which editors check and complete files of requests: it knows the keys that the reader knows, and
// takes and refuses the same files.

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { expect } from 'chai';
import { parse } from 'yaml';
import { yamlTree } from '../../../lib/cli/request-files/yaml-tree.ts';
import { KEYS } from '../../../lib/requests/file/keys.ts';
import { readRequestFile } from '../../../lib/requests/file/read-request-file.ts';
import { SourceFile } from '../../../lib/requests/file/source-file.ts';
import { needEval } from '../../support/eval.ts';

interface Described {
  readonly properties: Readonly<Record<string, Described>>;
  readonly definitions: Readonly<Record<string, Described>>;
}

const SCHEMA: Described = JSON.parse(readFileSync('schema/requests.json', 'utf8'));
const EXAMPLES = 'examples/requests';

/** How many mistakes the reader finds. */
function mistakesIn(text: string): number {
  const source = new SourceFile('a.yaml', text);
  const tree = yamlTree(source);
  if (tree !== undefined) readRequestFile(source, tree);
  return source.mistakes.length;
}

describe('schema/requests.json', () => {
  let isValid: ValidateFunction;
  before(function () {
    // ajv makes code of a schema.
    needEval(this);
    isValid = new Ajv({ allowUnionTypes: true }).compile(SCHEMA);
  });
  const parsed = (text: string): unknown => parse(text, { merge: true });

  it('has the keys that the reader knows', () => {
    const { properties, definitions } = SCHEMA;
    const keys = (of: Described): string[] => Object.keys(of.properties).sort();
    expect(keys(SCHEMA)).to.deep.equal([...KEYS.file].sort());
    expect(keys(properties['schema'])).to.deep.equal([...KEYS.schema].sort());
    expect(keys(properties['defaults'])).to.deep.equal([...KEYS.call].sort());
    expect(keys(definitions['request'])).to.deep.equal([...KEYS.request].sort());
    expect(keys(definitions['expect'])).to.deep.equal([...KEYS.expect].sort());
    const captures = definitions['request'].properties['capture'] as unknown as {
      readonly additionalProperties: { readonly oneOf: readonly Described[] };
    };
    const captured = captures.additionalProperties.oneOf.flatMap((one) => Object.keys(one.properties ?? {}));
    expect([...new Set(captured)].sort()).to.deep.equal([...KEYS.capture].sort());
    expect(keys(definitions['message'])).to.deep.equal([...KEYS.timing].sort());
  });

  for (const name of readdirSync(EXAMPLES).filter((file) => /\.requests\.(?:yaml|json)$/.test(file))) {
    it(`takes ${EXAMPLES}/${name}`, () => {
      const text = readFileSync(`${EXAMPLES}/${name}`, 'utf8');
      expect(isValid(parsed(text)), JSON.stringify(isValid.errors)).to.equal(true);
      expect(mistakesIn(text)).to.equal(0);
    });
  }

  const right = [
    '{ method: M }',
    '{ method: M, request: {} }',
    '{ method: M, request: 7 }',
    '{ method: M, requests: [{ $delay: 1s, $afterReply: 1, a: 1 }, 7] }',
    '{ method: M, metadata: { a: x, b: [x, 7], c: true } }',
    '{ method: M, timeout: 2 }',
    '{ method: M, timeout: 1m30s }',
    '{ method: M, compress: gzip, codec: json, protocol: connect }',
    '{ method: M, tags: a }',
    '{ method: M, tags: [a, b] }',
    '{ method: M, skip: true }',
    '{ method: M, skip: not yet }',
    '{ method: M, retry: 1, parallel: true, description: d, target: t, name: n }',
    '{ method: M, each: [{ a: 1 }] }',
    '{ method: M, each: { csv: a.csv } }',
    '{ method: M, capture: { a: x.y, b: { header: h }, c: { trailer: t } } }',
    '{ method: M, capture: { a: { path: x.y, secret: true }, b: { header: h, secret: false } } }',
    '{ method: M, schema: { reflect: true } }',
    '{ method: M, schema: { proto: a.proto, importPath: [b] } }',
    '{ method: M, expect: { reply: {}, within: 1s, headers: {}, trailers: {} } }',
    '{ method: M, expect: { status: OK, replies: [], gap: 1s, quietFor: 1s } }',
  ];
  const wrong = [
    '{}',
    '{ method: 7 }',
    '{ method: "" }',
    '{ method: M, requests: {} }',
    '{ method: M, requests: [{ $delay: soon }] }',
    '{ method: M, requests: [{ $afterReply: 0 }] }',
    '{ method: M, request: {}, requests: [] }',
    '{ method: M, metadata: { a: {} } }',
    '{ method: M, timeout: 0 }',
    '{ method: M, timeout: 3 days }',
    '{ method: M, protocol: http }',
    '{ method: M, tags: [7] }',
    '{ method: M, skip: 7 }',
    '{ method: M, retry: 0 }',
    '{ method: M, parallel: yes }',
    '{ method: M, each: [] }',
    '{ method: M, each: [1] }',
    '{ method: M, each: { csv: a.csv, jsonl: a } }',
    '{ method: M, each: {} }',
    '{ method: M, capture: { a: { header: h, trailer: t } } }',
    '{ method: M, capture: { a: { path: p, trailer: t } } }',
    '{ method: M, capture: { a: { secret: true } } }',
    '{ method: M, capture: { a: { path: p, secret: yes } } }',
    '{ method: M, schema: proto }',
    '{ method: M, capture: { 1a: x } }',
    '{ method: M, capture: { a: {} } }',
    '{ method: M, expect: { reply: {}, replies: [] } }',
    '{ method: M, expect: { gap: never } }',
    '{ method: M, expect: { headers: [] } }',
    '{ method: M, expects: {} }',
  ];
  for (const request of [...right, ...wrong]) {
    const isRight = right.includes(request);
    it(`${isRight ? 'takes' : 'refuses'} ${request}, as the reader does`, () => {
      const text = `requests: [${request}]\n`;
      expect(isValid(parsed(text)), JSON.stringify(isValid.errors)).to.equal(isRight);
      expect(mistakesIn(text) === 0).to.equal(isRight);
    });
  }
});
