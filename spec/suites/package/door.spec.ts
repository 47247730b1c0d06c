// What `require` of the package gives where its ES module cannot be had: the second build only where the runtime takes no
// ES modules. The doors are those that were built; what they lead to stands in for the builds.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';

const REFUSALS: readonly (readonly [string, string])[] = [
  ['Node without require(esm), and Jest', "Object.assign(new Error('no'), { code: 'ERR_REQUIRE_ESM' })"],
  ['a top-level await', "Object.assign(new Error('no'), { code: 'ERR_REQUIRE_ASYNC_MODULE' })"],
  ['an import under way', "Object.assign(new Error('no'), { code: 'ERR_REQUIRE_ESM_RACE_CONDITION' })"],
  ['a cycle', "Object.assign(new Error('no'), { code: 'ERR_REQUIRE_CYCLE_MODULE' })"],
  ['Jest', "new SyntaxError('Cannot use import statement outside a module')"],
  [
    'Jest, with a SyntaxError of its realm',
    "require('node:vm').runInNewContext('new SyntaxError(\"Cannot use import statement outside a module\")')",
  ],
  ['a loader of scripts', `new SyntaxError("Cannot use 'import.meta' outside a module")`],
  ['an older loader of scripts', `new SyntaxError("Unexpected token 'export'")`],
];

const FAILURES: readonly (readonly [string, string])[] = [
  ['a name that is not exported', 'new SyntaxError("The requested module \'x\' does not provide an export")'],
  ['a text that no loader can read', 'new SyntaxError("Unexpected token \')\'")'],
  ['a file that is not there', "Object.assign(new Error('no'), { code: 'MODULE_NOT_FOUND' })"],
  [
    'a part of the ES module that is not there',
    "Object.assign(new Error('no'), { code: 'ERR_MODULE_NOT_FOUND' })",
  ],
  ['a file that may not be read', "Object.assign(new Error('no'), { code: 'ERR_ACCESS_DENIED' })"],
  ['an error of the module itself', "new TypeError('x is not a function')"],
  ['what is no error', "'a text'"],
  ['nothing', 'undefined'],
];

for (const door of ['index', 'testing', 'testing-chai', 'testing-jest', 'testing-vitest']) {
  describe(`${door}.cjs`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'stubless-door-'));
    after(() => rmSync(folder, { recursive: true, force: true }));

    let count = 0;
    function required(esModule: string): unknown {
      const require = createRequire(import.meta.url);
      const place = mkdtempSync(join(folder, `${count++}-`));
      copyFileSync(resolve(`dist/${door}.cjs`), join(place, `${door}.cjs`));
      writeFileSync(join(place, 'package.json'), '{ "type": "commonjs" }');
      writeFileSync(join(place, `${door}.js`), esModule);
      mkdirSync(join(place, 'commonjs'));
      writeFileSync(join(place, `commonjs/${door}.cjs`), "module.exports = 'the second build';");
      return require(join(place, `${door}.cjs`));
    }

    it('gives the ES module where it can', () => {
      expect(required("module.exports = 'the ES module';")).to.equal('the ES module');
    });

    for (const [name, error] of REFUSALS) {
      it(`gives the second build for ${name}`, () => {
        expect(required(`throw ${error};`)).to.equal('the second build');
      });
    }

    it('gives the second build where Yarn keeps what the ES module imports in an archive', () => {
      const error = "Object.assign(new Error('no'), { code: 'ERR_MODULE_NOT_FOUND' })";
      // As Yarn's Plug'n'Play says of itself.
      Reflect.defineProperty(process.versions, 'pnp', { value: '3', configurable: true });
      try {
        expect(required(`throw ${error};`)).to.equal('the second build');
      } finally {
        Reflect.deleteProperty(process.versions, 'pnp');
      }
    });

    for (const [name, error] of FAILURES) {
      it(`fails with ${name}`, () => {
        const thrown: unknown[] = [];
        try {
          required(`globalThis.doorFailure = ${error}; throw globalThis.doorFailure;`);
        } catch (caught) {
          thrown.push(caught);
        }
        expect(thrown).to.have.length(1);
        expect(thrown[0]).to.equal(Reflect.get(globalThis, 'doorFailure'));
        Reflect.deleteProperty(globalThis, 'doorFailure');
      });
    }
  });
}
