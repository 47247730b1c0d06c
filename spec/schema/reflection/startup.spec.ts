import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect } from 'chai';

/** The files that one imports, and those import, when the program starts: type imports and `import()` are none. */
function importsOf(start: string): Set<string> {
  const files = new Set([start]);
  // A Set is iterated in order of insertion, what is added on the way included.
  for (const file of files) {
    const code = readFileSync(file, 'utf8');
    for (const [, specifier] of code.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)';/gm)) {
      files.add(posix.join(posix.dirname(file), specifier));
    }
  }
  return files;
}

describe('What reflection needs to start', () => {
  it('is no .proto parser', () => {
    const files = [...importsOf('lib/schema/reflection/reflector.ts')];
    expect(files).to.include('lib/schema/registry/descriptor-set.ts');
    expect(files.filter((file) => file.includes('/proto/'))).to.deep.equal([]);
  });

  it('is not there for those who do not use it', () => {
    const files = [...importsOf('lib/client/client.ts')];
    for (const file of ['reflector', 'session', 'messages', 'file-collection']) {
      expect(files).not.to.include(`lib/schema/reflection/${file}.ts`);
    }
  });
});
