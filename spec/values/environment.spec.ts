import { expect } from 'chai';
import { environment } from '../../lib/values/environment.ts';

const NAME = 'STUBLESS_SPEC_OF_THE_ENVIRONMENT';

/** Deno's, without --allow-env. */
const closed: NodeJS.ProcessEnv = new Proxy(
  {},
  {
    get: () => {
      throw new Error('NotCapable: Requires env access');
    },
  },
);

describe('The environment', () => {
  it('is that of the process, as it is when it is read.', () => {
    expect(environment[NAME]).to.equal(undefined);
    process.env[NAME] = 'a';
    try {
      expect(environment[NAME]).to.equal('a');
    } finally {
      delete process.env[NAME];
    }
  });

  it('has no variable that may not be read.', () => {
    const before = process.env;
    let value: unknown = 'not read';
    process.env = closed;
    try {
      value = environment[NAME];
    } finally {
      process.env = before;
    }
    expect(value).to.equal(undefined);
  });
});
