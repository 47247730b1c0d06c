// Who sends metrics to a collector, as OpenTelemetry's environment variables say.

import { expect } from 'chai';
import { resourceAttributes } from '../../../../lib/cli/bench/report/otlp-resource.ts';
import { LocalError } from '../../../../lib/cli/command/failure.ts';

describe('the resource of metrics', () => {
  it('is the command and its version, and an instance for each process', () => {
    const { 'service.instance.id': id, ...rest } = resourceAttributes({});
    expect(Object.keys(rest)).to.deep.equal(['service.name', 'service.version']);
    expect(rest['service.name']).to.equal('stubless bench');
    expect(id).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(resourceAttributes({})['service.instance.id']).to.not.equal(id);
  });

  for (const [env, expected] of [
    [{ OTEL_SERVICE_NAME: 'checkout load' }, { 'service.name': 'checkout load' }],
    [{ OTEL_SERVICE_NAME: '', OTEL_RESOURCE_ATTRIBUTES: '' }, { 'service.name': 'stubless bench' }],
    [
      { OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,service.instance.id=7' },
      { 'service.name': 'a', 'service.instance.id': '7' },
    ],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=a', OTEL_SERVICE_NAME: 'b' }, { 'service.name': 'b' }],
    [
      { OTEL_RESOURCE_ATTRIBUTES: ' a = 1%2C2 ,, b%3D=x=y%25, empty=' },
      { a: '1,2', 'b=': 'x=y%', empty: '' },
    ],
    [{ OTEL_RESOURCE_ATTRIBUTES: '__proto__=x' }, JSON.parse('{ "__proto__": "x" }')],
  ] as const) {
    it(`is what the environment says: ${JSON.stringify(env)}`, () => {
      const attributes = resourceAttributes(env);
      for (const [key, value] of Object.entries(expected)) expect(attributes[key], key).to.equal(value);
      expect(attributes).to.include.keys('service.instance.id', 'service.version');
    });
  }

  for (const [text, wrong] of [
    ['a', 'a'],
    ['a=1,=2', '=2'],
    ['a=%zz', 'a=%zz'],
    ['%=1', '%=1'],
  ]) {
    it(`is refused where it is none: ${text}`, () => {
      expect(() => resourceAttributes({ OTEL_RESOURCE_ATTRIBUTES: text })).to.throw(
        LocalError,
        `OTEL_RESOURCE_ATTRIBUTES has ${JSON.stringify(wrong)} where key=value is expected`,
      );
    });
  }
});
