// The order of a call's words, and what is told where it is another.

import { expect } from 'chai';
import { UsageError } from '../../../lib/cli/command/failure.ts';
import { checkCallWords, insteadOfWord } from '../../../lib/cli/requests/call-words.ts';

describe('The words of a call', () => {
  const refused: readonly (readonly [target: string, method: string, told: string])[] = [
    ['SayHello', 'localhost:1', 'the target comes before the method: stubless call localhost:1 SayHello'],
    ['a.B/C', 'https://h', 'the target comes before the method: stubless call https://h a.B/C'],
    ['a.B.C', '50051', 'the target comes before the method: stubless call 50051 a.B.C'],
    ['h:1/a.B/C', 'name=x', 'the method is a separate word: stubless call h:1 a.B/C name=x'],
    ['http://h/x/a.B/C', 'n:=1', 'the method is a separate word: stubless call http://h/x a.B/C n:=1'],
    ['h:1', 'name=x', "the method is missing before 'name=x': stubless call h:1 METHOD …"],
    ['prod', 'ids:=[1]', "the method is missing before 'ids:=[1]': stubless call prod METHOD …"],
  ];
  for (const [target, method, told] of refused) {
    it(`are not ${target} ${method}`, () => {
      expect(() => checkCallWords('call', target, method)).to.throw(UsageError, told);
    });
  }

  for (const [target, method] of [
    ['h:1', 'SayHello'],
    ['prod', 'a.B/C'],
    ['http://h/prefix', '/a.B/C'],
    ['h:1', 'h:2'],
  ]) {
    it(`are ${target} ${method}`, () => {
      expect(() => checkCallWords('call', target, method)).to.not.throw();
    });
  }

  const usual = 'write field=value, or -d for a whole message';
  for (const [method, word, told] of [
    ['a.Greeter', 'SayHello', `${usual}; a service and its method are one word: a.Greeter/SayHello`],
    ['a.Greeter/SayHello', 'Ada', usual],
    ['SayHello', 'you', usual],
    ['SayHello', '{"name":"x"}', `a JSON message needs -d in front: -d '{"name":"x"}'`],
  ]) {
    it(`tell what to write for ${word} behind ${method}`, () => {
      expect(insteadOfWord(word, method)).to.equal(told);
    });
  }
});
