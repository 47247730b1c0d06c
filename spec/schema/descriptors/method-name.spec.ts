import { expect } from 'chai';
import { parseMethodName } from '../../../lib/schema/descriptors/method-name.ts';

const NAMES: readonly (readonly [name: string, service: string, method: string, isPath: boolean])[] = [
  ['SayHello', '', 'SayHello', false],
  ['Greeter/SayHello', 'Greeter', 'SayHello', false],
  ['Greeter.SayHello', 'Greeter', 'SayHello', false],
  ['a.b.Greeter/SayHello', 'a.b.Greeter', 'SayHello', false],
  ['a.b.Greeter.SayHello', 'a.b.Greeter', 'SayHello', false],
  ['/a.b.Greeter/SayHello', 'a.b.Greeter', 'SayHello', true],
  ['/Greeter/SayHello', 'Greeter', 'SayHello', true],
  ['a.b.Greeter/', 'a.b.Greeter', '', false],
  ['', '', '', false],
];

describe('The name of a method', () => {
  for (const [name, service, method, isPath] of NAMES) {
    it(`'${name}' is method '${method}' of service '${service}'`, () => {
      const parsed = parseMethodName(name);
      expect(parsed).to.include({ service, method, isPath });
      expect(parsed.dotted).to.equal(service === '' ? method : `${service}.${method}`);
    });
  }
});
