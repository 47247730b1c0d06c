// Every option of `bench` is in the plan of a load, or on a list of those that need not be, with a reason.

import { expect } from 'chai';
import { NOT_IN_OPTIONS, planOptions } from '../../../../lib/cli/bench/run/plan-options.ts';
import { parseWith } from '../../../../lib/cli/command/argument-parser.ts';
import { optionName } from '../../../../lib/cli/command/command-definition.ts';
import { bench } from '../../../../lib/cli/commands/bench.ts';

const ENV = { TOKEN: 'one', OTHER: 'two' };
const LOAD = 'greeter.example:443 helloworld.Greeter.SayHello';

/** What a line's plan says of its options. */
function planned(words: readonly string[], env: Readonly<Record<string, string>> = ENV): object {
  const parsed = parseWith(bench, ['greeter.example', 'SayHello', ...words]);
  if (parsed.kind !== 'run') throw new Error(parsed.text);
  return planOptions(parsed.options, bench.groups, env, LOAD);
}

const definitions = bench.groups.flatMap(({ options }) => options);
const flagOf = (flags: string): string => /--[a-z0-9-]+/.exec(flags)?.[0] ?? '';

/** A value for options that take one of a form of their own. */
const VALUES: Readonly<Record<string, string>> = {
  '--header': 'x-env: prod',
  '--rpc-header': 'x-env: prod',
  '--keepalive': '20s',
  '--retry': '3',
};

describe('the options in the plan of a load', () => {
  for (const definition of definitions) {
    const flag = flagOf(definition.flags);
    const reason = NOT_IN_OPTIONS[optionName(definition.flags)];
    if (reason !== undefined || flag.startsWith('--no-')) continue;
    it(`have ${flag}`, () => {
      const value = VALUES[flag] ?? definition.choices?.at(-1) ?? '20';
      const words = definition.flags.includes('<') ? [`${flag}=${value}`] : [flag];
      expect(planned([])).to.deep.equal({});
      expect(planned(words)).to.have.all.keys(flag.slice(2));
    });
  }

  it('lack what is listed, for a reason, and nothing is listed that there is not', () => {
    const names = new Set(definitions.map(({ flags }) => optionName(flags)));
    for (const [name, reason] of Object.entries(NOT_IN_OPTIONS)) {
      expect(names.has(name), name).to.equal(true);
      expect(reason.split(' ').length, name).to.be.above(5);
    }
  });

  it('say values as they were given, all of those that are repeated', () => {
    expect(planned(['--compress=gzip', '-H', 'a: 1', '-H', 'b: 2', '--max-size=1MiB'])).to.deep.equal({
      compress: 'gzip',
      header: 'a: 1, b: 2',
      'max-size': '1048576',
    });
  });

  it('tell secrets apart, and do not say them', () => {
    const secrets: readonly (readonly [readonly string[], readonly string[]])[] = [
      [['--token=first'], ['--token=second']],
      [
        ['-H', 'authorization: Bearer first'],
        ['-H', 'authorization: Bearer second'],
      ],
      [
        ['--rpc-header', 'x-api-key: first'],
        ['--rpc-header', 'x-api-key: second'],
      ],
    ];
    for (const [one, other] of secrets) {
      expect(planned(one)).to.deep.equal(planned(one)).and.not.deep.equal(planned(other));
      expect(JSON.stringify(planned(one)))
        .to.include('secret of hash ')
        .and.not.include('first');
    }
  });

  it('take what headers have from the environment for secrets, by its value', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: headers have such variables
    const words = ['-H', 'x-run: ${TOKEN}'];
    expect(planned(words))
      .to.deep.equal(planned(words))
      .and.not.deep.equal(planned(words, { TOKEN: 'two' }));
    expect(JSON.stringify(planned(words))).to.not.match(/"one"|: one/);
  });
});
