import { expect } from 'chai';
import { unfinishedWords, wordsOf } from '../../../lib/cli/requests/line-words.ts';

describe('words of a line', () => {
  const cases: [string, string[]][] = [
    ['a=1  b=2', ['a=1', 'b=2']],
    ['name="two words" x=\'a "b"\'', ['name=two words', 'x=a "b"']],
    ['a=x\\ y b=""', ['a=x y', 'b=']],
    ["a='\\'", ['a=\\']],
    ['a="x\\"y"', ['a=x"y']],
    ['a=x\\', ['a=x\\']],
    [' ', []],
  ];
  for (const [line, words] of cases) {
    it(`are as a shell has them: ${line}`, () => expect(wordsOf(line)).to.deep.equal(words));
    it(`are the same while it is typed: ${line}`, () => {
      if (!line.endsWith('\\')) expect(unfinishedWords(`stubless ${line} `)).to.deep.equal([...words, '']);
    });
  }

  it('have no quote that is never closed', () => {
    expect(() => wordsOf("a='x")).to.throw("a ' is never closed");
    expect(() => wordsOf('a="x\\"')).to.throw('a " is never closed');
  });

  const typed: [string, string[]][] = [
    ['stubless', []],
    ['stubless ', ['']],
    ['stubless call loc', ['call', 'loc']],
    ['stubless call "two wo', ['call', 'two wo']],
    ["stubless call a='", ['call', 'a=']],
    ['stubless call a\\', ['call', 'a']],
  ];
  for (const [line, words] of typed) {
    it(`may be open at the end: ${line}`, () => expect(unfinishedWords(line)).to.deep.equal(words));
  }
});
