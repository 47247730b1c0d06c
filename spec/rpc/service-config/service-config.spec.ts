import { expect } from 'chai';
import type { MethodConfig } from '../../../lib/rpc/service-config/service-config.ts';
import { parseServiceConfig } from '../../../lib/rpc/service-config/service-config.ts';
import { chooseServiceConfig } from '../../../lib/rpc/service-config/service-config-choice.ts';
import { StatusCode } from '../../../lib/values/status.ts';

const STRICT = { isStrict: true };
const LENIENT = { isStrict: false };

const RETRY = {
  maxAttempts: 4,
  initialBackoff: '.1s',
  maxBackoff: '1s',
  backoffMultiplier: 2,
  retryableStatusCodes: ['UNAVAILABLE'],
};
const HEDGING = { maxAttempts: 4, hedgingDelay: '.5s', nonFatalStatusCodes: ['UNAVAILABLE', 'aborted', 13] };

/** What holds for `/s.S/M` when it alone is configured so. */
function method(config: object): MethodConfig | undefined {
  return parseServiceConfig(
    { methodConfig: [{ name: [{ service: 's.S' }], ...config }] },
    STRICT,
  ).methodConfig('/s.S/M');
}

describe('Service config (service_config.md, gRFC A6)', () => {
  it('may be empty', () => {
    const config = parseServiceConfig('{}', STRICT);
    expect(config.loadBalancing).to.deep.equal([]);
    expect(config.retryThrottling).to.equal(undefined);
    expect(config.healthCheckServiceName).to.equal(undefined);
    expect(config.methodConfig('/s.S/M')).to.equal(undefined);
  });

  it('reads a whole method config', () => {
    expect(
      method({
        waitForReady: true,
        timeout: '1.5s',
        maxRequestMessageBytes: 10,
        maxResponseMessageBytes: '20',
        retryPolicy: RETRY,
      }),
    ).to.deep.equal({
      waitForReady: true,
      timeoutMs: 1500,
      maxRequestMessageBytes: 10,
      maxResponseMessageBytes: 20,
      policy: {
        kind: 'retry',
        maxAttempts: 4,
        initialBackoffMs: 100,
        maxBackoffMs: 1000,
        backoffMultiplier: 2,
        retryableStatusCodes: new Set([StatusCode.UNAVAILABLE]),
        retriesLost: true,
      },
    });
  });

  it('reads a hedging policy, with status names in any case and numbers', () => {
    expect(method({ hedgingPolicy: HEDGING })?.policy).to.deep.equal({
      kind: 'hedging',
      maxAttempts: 4,
      hedgingDelayMs: 500,
      nonFatalStatusCodes: new Set([14, 10, 13]),
    });
  });

  it('takes a hedging policy without delay and codes', () => {
    expect(method({ hedgingPolicy: { maxAttempts: 2 } })?.policy).to.deep.include({ hedgingDelayMs: 0 });
  });

  describe('takes for a method what fits it best', () => {
    const config = parseServiceConfig(
      {
        methodConfig: [
          { name: [{}], timeout: '1s' },
          {
            name: [
              { service: 's.S', method: null },
              { service: 's.T', method: '' },
            ],
            timeout: '2s',
          },
          { name: [{ service: 's.S', method: 'M' }], timeout: '3s' },
          { timeout: '4s' },
        ],
      },
      STRICT,
    );
    for (const [path, seconds] of [
      ['/s.S/M', 3],
      ['/s.S/N', 2],
      ['/s.T/M', 2],
      ['/s.U/M', 1],
      ['/s.S.X/M', 1],
    ] as const) {
      it(`${path}: ${seconds} s`, () => {
        expect(config.methodConfig(path)?.timeoutMs).to.equal(seconds * 1000);
      });
    }
  });

  it('gives undefined where no config fits', () => {
    expect(
      parseServiceConfig({ methodConfig: [{ name: [{ service: 's.S' }] }] }, STRICT).methodConfig('/s.T/M'),
    ).to.equal(undefined);
  });

  describe('durations', () => {
    for (const [text, ms] of [
      ['1s', 1000],
      ['0.001s', 1],
      ['.1s', 100],
      ['1.000340012s', 1000.340012],
      ['315576000000s', 315_576_000_000_000],
    ] as const) {
      it(`${text} is ${ms} ms`, () => expect(method({ timeout: text })?.timeoutMs).to.equal(ms));
    }
    for (const bad of [
      '1',
      's',
      '.s',
      '-1s',
      '1ms',
      '1.s',
      '1.0000000001s',
      ' 1s',
      '315576000001s',
      1,
      {},
      '0s',
    ]) {
      it(`${JSON.stringify(bad)} is none`, () => {
        expect(() => method({ timeout: bad })).to.throw(TypeError, 'methodConfig[0].timeout must be');
      });
    }
  });

  describe('limits of attempts (A6: at least 2, more than 5 count as 5)', () => {
    for (const [given, taken] of [
      [2, 2],
      [5, 5],
      [6, 5],
      [4_294_967_295, 5],
    ] as const) {
      it(`${given} are ${taken}`, () => {
        expect(method({ retryPolicy: { ...RETRY, maxAttempts: given } })?.policy?.maxAttempts).to.equal(
          taken,
        );
        expect(method({ hedgingPolicy: { maxAttempts: given } })?.policy?.maxAttempts).to.equal(taken);
      });
    }
  });

  describe('retry throttling', () => {
    for (const [given, ratio] of [
      [0.1, 0.1],
      [0.1239, 0.123],
      [2, 2],
      [0.001, 0.001],
    ] as const) {
      it(`a ratio of ${given} counts as ${ratio}`, () => {
        const { retryThrottling } = parseServiceConfig(
          { retryThrottling: { maxTokens: 1000, tokenRatio: given } },
          STRICT,
        );
        expect(retryThrottling).to.deep.equal({ maxTokens: 1000, tokenRatio: ratio });
      });
    }
  });

  describe('load balancing', () => {
    const cases: readonly (readonly [name: string, config: object, wanted: readonly object[]])[] = [
      [
        'a list of policies',
        { loadBalancingConfig: [{ x: { a: 1 } }, { round_robin: {} }] },
        [
          { name: 'x', config: { a: 1 }, path: 'loadBalancingConfig[0].x' },
          { name: 'round_robin', config: {}, path: 'loadBalancingConfig[1].round_robin' },
        ],
      ],
      [
        'the older form',
        { loadBalancingPolicy: 'ROUND_ROBIN' },
        [{ name: 'round_robin', config: {}, path: 'loadBalancingPolicy' }],
      ],
      ['the older form where it names none', { loadBalancingPolicy: '' }, []],
      [
        'the list where both are there',
        { loadBalancingPolicy: 'x', loadBalancingConfig: [{ pick_first: {} }] },
        [{ name: 'pick_first', config: {}, path: 'loadBalancingConfig[0].pick_first' }],
      ],
    ];
    for (const [name, config, wanted] of cases) {
      it(`reads ${name}`, () => {
        expect(parseServiceConfig(config, STRICT).loadBalancing).to.deep.equal(wanted);
      });
    }
  });

  it('reads what to ask of the health service', () => {
    const name = (config: object) => parseServiceConfig(config, STRICT).healthCheckServiceName;
    expect(name({ healthCheckConfig: { serviceName: 's.S' } })).to.equal('s.S');
    expect(name({ healthCheckConfig: { serviceName: '' } })).to.equal('');
    expect(name({ healthCheckConfig: {} })).to.equal(undefined);
  });

  describe('refuses', () => {
    const inMethod = (config: object) => ({ methodConfig: [{ name: [{ service: 's.S' }], ...config }] });
    const retry = (change: object) => inMethod({ retryPolicy: { ...RETRY, ...change } });
    const hedging = (change: object) => inMethod({ hedgingPolicy: { ...HEDGING, ...change } });
    const cases: readonly (readonly [name: string, config: unknown, message: string])[] = [
      ['text that is not JSON', '{', 'the text is not JSON'],
      ['no object', [], 'the service config must be an object, not []'],
      ['null', null, 'the service config must be an object, not null'],
      ['method configs that are no array', { methodConfig: {} }, 'methodConfig must be an array'],
      [
        'a method config that is no object',
        { methodConfig: [1] },
        'methodConfig[0] must be an object, not 1',
      ],
      [
        'a method without its service',
        { methodConfig: [{ name: [{ method: 'M' }] }] },
        'methodConfig[0].name[0] names the method "M" without its service',
      ],
      [
        'a name twice',
        { methodConfig: [{ name: [{ service: 's.S' }] }, { name: [{ service: 's.S', method: '' }] }] },
        'methodConfig[1].name[0] names /s.S/ a second time',
      ],
      ['the default twice', { methodConfig: [{ name: [{}, {}] }] }, 'names all methods a second time'],
      [
        'a service that is no text',
        { methodConfig: [{ name: [{ service: 1 }] }] },
        'name[0].service must be a string',
      ],
      [
        'waitForReady that is no flag',
        inMethod({ waitForReady: 1 }),
        'waitForReady must be true or false, not 1',
      ],
      [
        'a negative size',
        inMethod({ maxRequestMessageBytes: -1 }),
        'maxRequestMessageBytes must be a whole number',
      ],
      ['a fraction of a byte', inMethod({ maxResponseMessageBytes: 1.5 }), 'must be a whole number from 0'],
      [
        'a size past 32 bits',
        inMethod({ maxResponseMessageBytes: 4_294_967_296 }),
        'to 4294967295, not 4294967296',
      ],
      ...['', '0x5', 'x5', '1e3', '1.0', ' 5', '5 ', '-5', '00000000005', true, [5], {}].map(
        (size): [string, unknown, string] => [
          `a size of ${JSON.stringify(size)}`,
          inMethod({ maxRequestMessageBytes: size }),
          `maxRequestMessageBytes must be a whole number from 0 to 4294967295, not ${JSON.stringify(size)}`,
        ],
      ),
      ['a size that is a bigint', inMethod({ maxRequestMessageBytes: 5n }), 'from 0 to 4294967295, not 5'],
      ...['2', Number.POSITIVE_INFINITY, Number.NaN, -1].map((multiplier): [string, unknown, string] => [
        `a multiplier of ${JSON.stringify(multiplier)}`,
        retry({ backoffMultiplier: multiplier }),
        'backoffMultiplier must be a number above 0, not ',
      ]),
      [
        'both policies',
        inMethod({ retryPolicy: RETRY, hedgingPolicy: HEDGING }),
        'has both retryPolicy and hedgingPolicy',
      ],
      [
        '1 attempt',
        retry({ maxAttempts: 1 }),
        'retryPolicy.maxAttempts must be a whole number of at least 2, not 1',
      ],
      [
        'no attempts',
        retry({ maxAttempts: undefined }),
        'methodConfig[0].retryPolicy.maxAttempts is missing',
      ],
      ['half attempts', retry({ maxAttempts: 2.5 }), 'maxAttempts must be'],
      ['no initialBackoff', retry({ initialBackoff: null }), 'initialBackoff is missing'],
      ['initialBackoff 0', retry({ initialBackoff: '0s' }), 'initialBackoff must be a duration above 0'],
      ['maxBackoff 0', retry({ maxBackoff: '0.0s' }), 'maxBackoff must be a duration above 0'],
      ['no maxBackoff', retry({ maxBackoff: undefined }), 'maxBackoff is missing'],
      [
        'a multiplier of 0',
        retry({ backoffMultiplier: 0 }),
        'backoffMultiplier must be a number above 0, not 0',
      ],
      ['no multiplier', retry({ backoffMultiplier: undefined }), 'backoffMultiplier is missing'],
      [
        'no retryable codes',
        retry({ retryableStatusCodes: [] }),
        'retryableStatusCodes must name at least one',
      ],
      ['codes that are missing', retry({ retryableStatusCodes: undefined }), 'must name at least one'],
      [
        'an unknown code',
        retry({ retryableStatusCodes: ['BUSY'] }),
        'retryableStatusCodes[0] must be a status such as',
      ],
      ...[-1, 1.5, 17, null, true, {}, ''].map((code): [string, unknown, string] => [
        `the code ${JSON.stringify(code)}`,
        retry({ retryableStatusCodes: [0, 16, 'ok', code] }),
        `retryableStatusCodes[3] must be a status such as 'UNAVAILABLE' or 14, not ${JSON.stringify(code)}`,
      ]),
      [
        'a code past 16',
        retry({ retryableStatusCodes: [14, 17] }),
        'retryableStatusCodes[1] must be a status',
      ],
      ['a hedge of 1 attempt', hedging({ maxAttempts: 1 }), 'hedgingPolicy.maxAttempts must be'],
      [
        'a hedge without attempts',
        hedging({ maxAttempts: undefined }),
        'hedgingPolicy.maxAttempts is missing',
      ],
      ['a negative hedging delay', hedging({ hedgingDelay: '-1s' }), 'hedgingDelay must be a duration'],
      [
        '0 tokens',
        { retryThrottling: { maxTokens: 0, tokenRatio: 1 } },
        'maxTokens must be a whole number from 1 to 1000',
      ],
      ['1001 tokens', { retryThrottling: { maxTokens: 1001, tokenRatio: 1 } }, 'from 1 to 1000, not 1001'],
      ['no tokens', { retryThrottling: { tokenRatio: 1 } }, 'retryThrottling.maxTokens is missing'],
      ['no ratio', { retryThrottling: { maxTokens: 1 } }, 'retryThrottling.tokenRatio is missing'],
      [
        'a ratio of 0',
        { retryThrottling: { maxTokens: 1, tokenRatio: 0 } },
        'tokenRatio must be a number above 0',
      ],
      [
        'a ratio below a thousandth',
        { retryThrottling: { maxTokens: 1, tokenRatio: 0.0009 } },
        'tokenRatio must be at least 0.001',
      ],
      [
        'two policies in one entry',
        { loadBalancingConfig: [{ a: {}, b: {} }] },
        'loadBalancingConfig[0] must be an object with one policy',
      ],
      [
        'a policy that is a text',
        { loadBalancingConfig: ['round_robin'] },
        'loadBalancingConfig[0] must be an object',
      ],
      [
        'a policy that is a text of one letter',
        { loadBalancingConfig: ['x'] },
        'loadBalancingConfig[0] must be an object with one policy',
      ],
      [
        'a policy with a number',
        { loadBalancingConfig: [{ round_robin: 1 }] },
        'loadBalancingConfig[0].round_robin must be an object, {} for none, not 1',
      ],
      [
        'a policy without an object',
        { loadBalancingConfig: [{ round_robin: null }] },
        'loadBalancingConfig[0].round_robin must be an object',
      ],
      [
        'a health service that is no text',
        { healthCheckConfig: { serviceName: 1 } },
        'healthCheckConfig.serviceName must be a string',
      ],
    ];
    for (const [name, config, message] of cases) {
      it(name, () => expect(() => parseServiceConfig(config, LENIENT)).to.throw(TypeError, message));
    }

    for (const [length, shown] of [
      [60, `["${'x'.repeat(56)}"]`],
      [61, `["${'x'.repeat(57)}"…`],
    ] as const) {
      it(`shows ${length === 60 ? 'all' : 'the first 60'} of ${length} characters`, () => {
        const wrong = ['x'.repeat(length - 4)];
        expect(() => parseServiceConfig(wrong, STRICT))
          .to.throw(TypeError)
          .with.property('message', `service config: the service config must be an object, not ${shown}`);
      });
    }
  });

  describe('unknown members', () => {
    const cases: readonly (readonly [config: object, message: string])[] = [
      [{ methodConfigs: [] }, 'unknown field methodConfigs; a service config may have loadBalancingPolicy'],
      [
        { methodConfig: [{ retrypolicy: {} }] },
        'unknown field methodConfig[0].retrypolicy; methodConfig[0] may have name',
      ],
      [{ methodConfig: [{ name: [{ Service: 's' }] }] }, 'methodConfig[0].name[0].Service'],
      [{ methodConfig: [{ retryPolicy: { ...RETRY, jitter: 1 } }] }, 'methodConfig[0].retryPolicy.jitter'],
    ];
    for (const [config, message] of cases) {
      it(`are mistakes where somebody wrote them: ${JSON.stringify(config).slice(0, 40)}`, () => {
        expect(() => parseServiceConfig(config, STRICT)).to.throw(TypeError, message);
      });
      it(`are ignored where they came by DNS: ${JSON.stringify(config).slice(0, 40)}`, () => {
        expect(parseServiceConfig(config, LENIENT).loadBalancing).to.deep.equal([]);
      });
    }
  });
});

describe('Service config in DNS (gRFC A2)', () => {
  const client = { hostname: 'web-1', percentile: 50 };
  const config = (timeout: string) => ({ methodConfig: [{ name: [{}], timeout }] });
  const choices: readonly (readonly [name: string, choice: object, isTaken: boolean])[] = [
    ['no criterion', {}, true],
    ['empty criteria', { clientLanguage: [], clientHostname: [] }, true],
    ['our language in any case', { clientLanguage: ['go', 'Node'] }, true],
    ['other languages', { clientLanguage: ['go'] }, false],
    ['our host', { clientHostname: ['web-1'] }, true],
    ['our host in another case', { clientHostname: ['WEB-1'] }, false],
    ['a percentage that we are under', { percentage: 51 }, true],
    ['a percentage that we are just not under', { percentage: 50 }, false],
    ['all clients', { percentage: 100 }, true],
    ['no clients', { percentage: 0 }, false],
    ['one of two criteria', { percentage: 100, clientHostname: ['db-1'] }, false],
  ];
  for (const [name, choice, isTaken] of choices) {
    it(`${isTaken ? 'takes' : 'does not take'} a choice with ${name}`, () => {
      const text = `grpc_config=${JSON.stringify([
        { ...choice, serviceConfig: config('1s') },
        { serviceConfig: config('2s') },
      ])}`;
      // Strings of a record are at most 255 octets; these are shorter, so that there are several.
      const record = text.match(/.{1,20}/g) ?? [];
      expect(chooseServiceConfig([['v=spf1'], record], client)?.methodConfig('/s/m')?.timeoutMs).to.equal(
        isTaken ? 1000 : 2000,
      );
    });
  }

  it('ignores what it does not know in the chosen config: it may be of a later version', () => {
    const text = JSON.stringify([{ serviceConfig: { ...config('1s'), later: 1 } }]);
    expect(chooseServiceConfig([[`grpc_config=${text}`]], client)?.methodConfig('/s/m')?.timeoutMs).to.equal(
      1000,
    );
  });

  it('gives none where no record is one', () => {
    expect(chooseServiceConfig([['v=spf1'], ['GRPC_CONFIG=[]']], client)).to.equal(undefined);
    expect(chooseServiceConfig([], client)).to.equal(undefined);
    expect(chooseServiceConfig([['grpc_config=[]']], client)).to.equal(undefined);
  });

  const bad: readonly (readonly [json: string, message: string])[] = [
    ['[', 'is not JSON'],
    ['{}', 'must be an array of choices, not {}'],
    ['[1]', 'choices[0] must be an object'],
    ['[{"serviceConfig":{},"clientOs":["x"]}]', 'unknown field choices[0].clientOs'],
    ['[{"serviceConfig":{},"percentage":101}]', 'percentage must be a whole number from 0 to 100, not 101'],
    ['[{"serviceConfig":{},"percentage":1.5}]', 'percentage must be'],
    [
      '[{"serviceConfig":{},"clientLanguage":["go",1]}]',
      'choices[0].clientLanguage[1] must be a string, not 1',
    ],
    ['[{}]', 'choices[0].serviceConfig must be an object'],
    ['[{"serviceConfig":{}},{"serviceConfig":1}]', 'choices[1].serviceConfig must be an object, not 1'],
    ['[{"serviceConfig":{"methodConfig":1}}]', 'methodConfig must be an array, not 1'],
  ];
  for (const [json, message] of bad) {
    it(`refuses ${json}`, () => {
      expect(() => chooseServiceConfig([[`grpc_config=${json}`]], client)).to.throw(TypeError, message);
    });
  }
});
