import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { compileCacheDirectory } from '../../lib/cli/compile-cache.ts';

const user = process.geteuid?.();
const modeOf = (path: string): number => lstatSync(path).mode & 0o7777;

describe('the directory for compiled code', () => {
  let home = '';
  before(function () {
    if (user === undefined) this.skip();
  });
  beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'stubless-cache-')));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const found = (env: Record<string, string> = {}): string | undefined =>
    compileCacheDirectory({ HOME: home, ...env }, user);
  const cache = (): string => join(home, '.cache', 'stubless');

  it('lies below ~/.cache, is made, and is for its owner alone', () => {
    expect(found()).to.equal(cache());
    expect(modeOf(cache())).to.equal(0o700);
    expect(found()).to.equal(cache());
  });

  it('lies below $XDG_CACHE_HOME, if that is an absolute path', () => {
    const env = { XDG_CACHE_HOME: join(home, 'x') };
    expect(found(env)).to.equal(join(home, 'x', 'stubless'));
    expect(found({ XDG_CACHE_HOME: 'x' })).to.equal(cache());
    expect(found({ XDG_CACHE_HOME: '' })).to.equal(cache());
  });

  it('is closed to others who could only read it', () => {
    mkdirSync(cache(), { recursive: true, mode: 0o755 });
    expect(found()).to.equal(cache());
    expect(modeOf(cache())).to.equal(0o700);
  });

  const refusals: [string, () => void][] = [
    ['is one that its group can write to', () => chmodSync(made(), 0o770)],
    ['is one that all can write to', () => chmodSync(made(), 0o1777)],
    ['lies in one that all can write to', () => chmodSync(join(made(), '..'), 0o777)],
    [
      'is a link',
      () => {
        mkdirSync(join(home, '.cache'));
        mkdirSync(join(home, 'elsewhere'), { mode: 0o700 });
        symlinkSync('../elsewhere', cache());
      },
    ],
    [
      'is a file',
      () => {
        mkdirSync(join(home, '.cache'));
        writeFileSync(cache(), '');
      },
    ],
    ['cannot be made', () => writeFileSync(join(home, '.cache'), '')],
  ];
  function made(): string {
    mkdirSync(cache(), { recursive: true, mode: 0o700 });
    return cache();
  }
  for (const [name, arrange] of refusals) {
    it(`is none where it ${name}`, () => {
      arrange();
      expect(found()).to.equal(undefined);
    });
  }

  it('is none where another user owns it', () => {
    made();
    expect(compileCacheDirectory({ HOME: home }, (user ?? 0) + 1)).to.equal(undefined);
  });

  it('is not made in the home of another user', function () {
    if (user !== 0) this.skip();
    chownSync(home, 65534, 65534);
    expect(found()).to.equal(undefined);
    expect(readdirSync(home)).to.deep.equal([]);
  });

  it('is none without a home', () => {
    for (const HOME of ['', 'relative']) expect(found({ HOME })).to.equal(undefined);
  });

  it('is given by its real path, on which nobody else can change a link', () => {
    mkdirSync(join(home, 'real'));
    symlinkSync('real', join(home, 'link'));
    const behind = join('made', 'below');
    expect(found({ XDG_CACHE_HOME: join(home, 'link', behind) })).to.equal(
      join(home, 'real', behind, 'stubless'),
    );
  });

  it('may lie in a directory of all where each keeps their own', () => {
    const sticky = join(home, 'tmp');
    mkdirSync(sticky);
    chmodSync(sticky, 0o1777);
    expect(found({ XDG_CACHE_HOME: sticky })).to.equal(join(sticky, 'stubless'));
  });
});
