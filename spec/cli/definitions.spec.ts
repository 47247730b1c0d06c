import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { helpOf } from '../../lib/cli/command/argument-parser.ts';
import { optionName } from '../../lib/cli/command/command-definition.ts';
import { COMMANDS } from '../../lib/cli/command-list.ts';
import { VERSION } from '../../lib/values/version.ts';
import { cliGuide } from './docs.ts';

describe('The commands', () => {
  for (const entry of COMMANDS) {
    it(`${entry.name} says the same in the list as by itself, and its help shows an example`, async () => {
      const command = await entry.load();
      expect([command.name, command.summary]).to.deep.equal([entry.name, entry.summary]);
      expect(command.examples.length).to.be.greaterThan(0);
      const help = helpOf(command);
      for (const { line } of command.examples) {
        expect(help).to.include(line);
        expect(line).to.match(new RegExp(`^(?:[^|]* \\| )?stubless ${entry.name} `));
      }
    });

    it(`${entry.name} has no two options of one name`, async () => {
      const { groups } = await entry.load();
      const flags = groups.flatMap(({ options }) => options.map((option) => option.flags));
      const long = flags.map((flag) => /--[a-z-]+/.exec(flag)?.[0]);
      const short = flags.flatMap((flag) => /^-([a-zA-Z]),/.exec(flag)?.[1] ?? []);
      expect(new Set(long).size).to.equal(long.length);
      expect(new Set(short).size).to.equal(short.length);
    });
  }

  it('are all in docs/cli.md as they are (npm run docs:cli)', async () => {
    const { is, shouldBe } = await cliGuide();
    expect(is).to.equal(shouldBe);
  });

  it('have the version of the package', () => {
    const manifest: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(VERSION).to.equal(manifest.version);
  });

  it('name options in camel case', () => {
    expect(optionName('-I, --import-path <dir>')).to.equal('importPath');
    expect(optionName('--no-color')).to.equal('color');
  });
});
