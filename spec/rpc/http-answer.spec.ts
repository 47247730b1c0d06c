import { expect } from 'chai';
import { adviceFor, describeAnswer, isAboutMethod, labelOf } from '../../lib/rpc/http-answer.ts';
import { outcomeOfHttp } from '../../lib/rpc/outcome.ts';
import type { ProtocolFacts } from '../../lib/rpc/transport.ts';

const advice: readonly (readonly [statuses: readonly string[], type: string | undefined, says: RegExp])[] = [
  [['200'], 'text/html', /^; a web server answered, or the login page/],
  [['200'], 'Text/HTML; charset=utf-8', /^; a web server answered/],
  [['200'], 'application/xhtml+xml', /^; a web server answered/],
  [['200'], 'application/json', /^; this is a JSON API/],
  [['200'], 'application/problem+json', /^; this is a JSON API/],
  [['200'], 'text/plain', /^$/],
  [['200'], 'text/plain; html', /^$/],
  [['200'], undefined, /^$/],
  [['301', '302', '303', '307', '308'], undefined, /^; redirects are not followed/],
  [['401'], undefined, /^; a proxy or gateway in front of the server demands credentials$/],
  [['403'], undefined, /^; a proxy, gateway or firewall refused the call/],
  [['404', '405', '415'], 'text/html', /^; this is a web server, or the service is behind a path prefix/],
  [['404'], 'application/json', /^; this is a JSON API: check host, port and path prefix$/],
  [['415'], 'application/problem+json', /^; this is a JSON API/],
  [['413'], undefined, /does not accept requests of this size$/],
  [['421'], undefined, /^; it does not serve this :authority/],
  [['429'], undefined, /accepts no more calls for now$/],
  [['426', '464'], undefined, /does not forward HTTP\/2 to it/],
  [['502', '503', '504'], undefined, /^; a proxy or load balancer answered: it cannot reach the server/],
  [['', '100', '204', '300', '304', '400', '402', '418', '500', '501', '505', '599'], 'text/html', /^$/],
];

/** A page, and what it shows to be behind it. */
const pages: readonly (readonly [status: string, type: string | undefined, page: string, says: string])[] = [
  ...[
    'Client sent an HTTP request to an HTTPS server.',
    '400 The plain HTTP request was sent to HTTPS port nginx/1.22.1',
    "Reason: You're speaking plain HTTP to an SSL-enabled server port.",
  ].map((page) => ['400', undefined, page, '; use an https:// target, or the tls option'] as const),
  ...[
    ['400', '{"code":3, "message":"invalid", "details":[]}'],
    ['404', '{"code":5,"message":"Not Found","details":[]}'],
    ['501', '{ "code" : 12 , "details" : [] }'],
  ].map(
    ([status, page]) =>
      [
        status,
        'application/json',
        page,
        '; this is grpc-gateway or another JSON API, not a server of gRPC-Web: give the address of the gRPC server behind it',
      ] as const,
  ),
  ['400', 'application/json', '{"code":"x","message":"no number"}', ''],
  ['400', 'text/plain', 'HTTPS', ''],
];

const TYPE = 'text/html';
const heads: readonly (readonly [
  name: string,
  type: string | undefined,
  fields: readonly string[],
  says: string,
])[] = [
  ['nothing more', undefined, [], '502, not with gRPC'],
  ['a content-type', TYPE, [], '502 and content-type "text/html", not with gRPC'],
  ['a server', undefined, ['date', 'server', 'server', 'nginx'], '502 (server: "nginx"), not with gRPC'],
  ['a location', undefined, ['location', '/a"b'], '502, redirecting to "/a\\"b", not with gRPC'],
  [
    'all of them',
    TYPE,
    ['server', 'a', 'location', 'b', 'server', 'c'],
    '502 and content-type "text/html" (server: "a"), redirecting to "b", not with gRPC',
  ],
  [
    'a server of 100 characters',
    undefined,
    ['server', 'x'.repeat(100)],
    `502 (server: "${'x'.repeat(100)}"), not`,
  ],
  [
    'a server of 101 characters',
    undefined,
    ['server', 'x'.repeat(101)],
    `502 (server: "${'x'.repeat(100)}…"), not`,
  ],
];

describe('An HTTP server that answers', () => {
  for (const [statuses, type, says] of advice) {
    for (const status of statuses) {
      it(`with ${status || 'no status'}${type === undefined ? '' : ` and ${type}`}: what to try`, () => {
        expect(adviceFor(status, type, [], 'gRPC')).to.match(says);
      });
    }
  }

  for (const [status, type, page, says] of pages) {
    it(`with ${status} and the page ${page}: what to try`, () => {
      expect(adviceFor(status, type, [], 'gRPC-Web', undefined, page)).to.equal(says);
    });
  }

  it('without a body, to a call of Connect: it may be tonic-web', () => {
    const says = "; so tonic-web refuses what is not gRPC-Web: if it is that, use protocol: 'grpc-web'";
    expect(adviceFor('400', undefined, [], 'Connect')).to.equal(says);
    expect(adviceFor('400', undefined, [], 'gRPC')).to.equal('');
    expect(adviceFor('400', 'text/plain', [], 'Connect')).to.equal('');
  });

  for (const [status, type, page, isAbout] of [
    ['404', undefined, '', true],
    ['404', 'text/plain', '404 page not found', true],
    ['404', 'text/html', '', false],
    ['404', 'application/json', '', false],
    ['404', undefined, '{"code":5,"message":"Not Found"}', false],
    ['405', undefined, '', true],
    ['505', 'text/plain', '', true],
    ['415', undefined, '', false],
    ['200', 'text/html', '', false],
    ['503', undefined, '', false],
  ] as const) {
    it(`is ${isAbout ? 'not ' : ''}foreign where it says ${status}, ${type}, ${page}`, () => {
      expect(isAboutMethod(status, type, page)).to.equal(isAbout);
      const fields = [':status', status, ...(type === undefined ? [] : ['content-type', type])];
      expect(outcomeOfHttp(fields, page).isForeign).to.equal(!isAbout);
    });
  }

  for (const [name, type, fields, says] of heads) {
    it(`is described where it sends ${name}`, () => {
      expect(describeAnswer('502', type, fields, 'gRPC')).to.include(
        `the server answered with HTTP status ${says}`,
      );
    });
  }
});

const FACTS: Readonly<Record<string, ProtocolFacts | undefined>> = {
  gRPC: undefined,
  'gRPC-Web': { label: 'gRPC-Web', contentType: 'application/grpc-web+proto', isUnary: true, isSafe: false },
  Connect: { label: 'Connect', contentType: 'application/proto', isUnary: true, isSafe: false },
};
const CONNECT_POSTS =
  'application/connect+json, application/connect+proto, application/json, application/proto';
const ALL_POSTS = `application/grpc, application/grpc+proto, application/grpc-web, application/grpc-web+proto, ${CONNECT_POSTS}`;

/** What is called in which protocol, what answers, and the end of what is said of it. */
const wrongProtocols: readonly (readonly [
  spoken: string,
  answers: string,
  status: number,
  fields: readonly string[],
  says: string,
])[] = [
  [
    'gRPC',
    'connect-go without gRPC',
    415,
    ['accept-post', CONNECT_POSTS],
    "HTTP status 415, not with gRPC; the server accepts Connect: use protocol: 'connect'",
  ],
  [
    'gRPC',
    'a server of gRPC-Web and Connect',
    415,
    ['accept-post', `application/grpc-web+proto, ${CONNECT_POSTS}`],
    "the server accepts gRPC-Web and Connect: use protocol: 'grpc-web' or 'connect'",
  ],
  [
    'gRPC',
    'an HTTP server without such a path',
    404,
    ['content-type', 'text/plain; charset=utf-8'],
    '404 and content-type "text/plain; charset=utf-8", not with gRPC; the server has no such method (so say servers that speak Connect as well), or this is a web server, or the service is behind a path prefix (https://host/prefix)',
  ],
  [
    'gRPC',
    'a server that translates from gRPC-Web alone',
    200,
    ['content-type', 'application/grpc-web+proto'],
    "this is an answer of gRPC-Web: use protocol: 'grpc-web'",
  ],
  [
    'gRPC',
    'Connect',
    200,
    ['content-type', 'application/connect+proto'],
    "this is an answer of Connect: use protocol: 'connect'",
  ],
  [
    'gRPC-Web',
    'grpc-go, or Envoy without its filter before it',
    415,
    ['content-type', 'application/grpc', 'grpc-status', '3'],
    "this is an answer of gRPC: use protocol: 'grpc', or have the proxy before it translate gRPC-Web (Envoy's grpc_web filter)",
  ],
  [
    'gRPC-Web',
    'grpc-java',
    415,
    ['content-type', 'text/plain; charset=utf-8', 'grpc-status', '13'],
    "this is an answer of gRPC: use protocol: 'grpc', or have the proxy before it translate gRPC-Web (Envoy's grpc_web filter)",
  ],
  [
    'gRPC-Web',
    'grpc-js',
    200,
    ['content-type', 'application/grpc+proto'],
    "this is an answer of gRPC: use protocol: 'grpc', or have the proxy before it translate gRPC-Web (Envoy's grpc_web filter)",
  ],
  [
    'gRPC-Web',
    'connect-go without gRPC-Web',
    415,
    ['accept-post', CONNECT_POSTS],
    "the server accepts Connect: use protocol: 'connect'",
  ],
  [
    'Connect',
    'grpc-go',
    415,
    ['content-type', 'application/grpc', 'grpc-status', '3'],
    "this is an answer of gRPC: use protocol: 'grpc'",
  ],
  ['Connect', 'grpc-js', 415, [], "the server does not speak Connect: use protocol: 'grpc' or 'grpc-web'"],
  [
    'Connect',
    'a server of gRPC and gRPC-Web',
    415,
    ['accept-post', 'application/grpc, application/grpc-web'],
    "the server accepts gRPC and gRPC-Web: use protocol: 'grpc' or 'grpc-web'",
  ],
  [
    'Connect',
    'a server of all three whose method does not stream',
    415,
    ['accept-post', 'application/grpc, application/grpc-web, application/json, application/proto'],
    'the server speaks Connect, but takes "application/proto" here: does the method stream as the schema says, and does the server know the codec?',
  ],
  [
    'Connect',
    'a server of all three whose method streams',
    415,
    [
      'accept-post',
      'application/connect+json, application/connect+json; charset=utf-8,application/connect+proto,application/grpc',
    ],
    'the server speaks Connect, but takes "application/connect+json, application/connect+proto" here: does the method stream as the schema says, and does the server know the codec?',
  ],
  [
    'gRPC',
    'connect-node without gRPC',
    415,
    [],
    "the server does not speak gRPC: use protocol: 'grpc-web' or 'connect'",
  ],
  [
    'gRPC-Web',
    'connect-node without gRPC-Web',
    415,
    [],
    "the server does not speak gRPC-Web: use protocol: 'grpc' or 'connect'",
  ],
  [
    'Connect',
    'a web server without the page',
    404,
    ['content-type', 'text/html'],
    'this is a web server, or the service is behind a path prefix (https://host/prefix)',
  ],
  [
    'Connect',
    'a server without the method',
    404,
    ['content-type', 'text/plain'],
    'the server has no such method, or it is behind a path prefix (https://host/prefix)',
  ],
  [
    'Connect',
    'a web server',
    415,
    ['content-type', 'text/html'],
    'this is a web server, or the service is behind a path prefix (https://host/prefix)',
  ],
  [
    'Connect',
    'an API of JSON',
    200,
    ['content-type', 'application/problem+json'],
    'a Connect server sends application/proto; this is a JSON API: check host, port and path prefix',
  ],
  [
    'Connect',
    'JSON',
    200,
    ['content-type', 'application/json'],
    "a Connect server sends application/proto; use codec: 'json' if this is a Connect server, and otherwise check host, port and path prefix",
  ],
  [
    'gRPC-Web',
    'messages of JSON',
    200,
    ['content-type', 'application/grpc-web+json'],
    "a gRPC-Web server sends application/grpc-web+proto; use codec: 'json'",
  ],
  [
    'Connect',
    'a login page',
    200,
    ['content-type', 'text/html'],
    'a Connect server sends application/proto; a web server answered, or the login page of a proxy: check host, port and path prefix',
  ],
  [
    'gRPC-Web',
    'a login page',
    200,
    ['content-type', 'text/html'],
    'a gRPC-Web server sends application/grpc-web+proto; a web server answered, or the login page of a proxy: check host, port and path prefix',
  ],
];

describe('A wrong protocol', () => {
  for (const [spoken, answers, status, fields, says] of wrongProtocols) {
    it(`is named: ${spoken}, and ${answers} answers with ${status}`, () => {
      const { details } = outcomeOfHttp([':status', String(status), ...fields], '', FACTS[spoken]);
      expect(details.slice(-says.length)).to.equal(says);
      expect(details).to.not.include('\n');
    });
  }

  it('is not what text mode is where the server has none', () => {
    const contentType = 'application/grpc-web-text+proto';
    const facts = { label: 'gRPC-Web', contentType, isUnary: true, isSafe: false } as ProtocolFacts;
    const says = (posts: string) =>
      outcomeOfHttp([':status', '415', 'accept-post', posts], '', facts).details.replace(/.*; /, '');
    expect(says(ALL_POSTS)).to.equal(
      'the server speaks gRPC-Web, but not in text mode: leave grpcWebText out',
    );
    expect(says('application/grpc-web-text')).to.equal(
      'the server speaks gRPC-Web, but takes "application/grpc-web-text" here: does the server know the codec?',
    );
  });

  it('is not what a refused GET is', () => {
    const facts = { ...FACTS['Connect'], isSafe: true } as Parameters<typeof outcomeOfHttp>[2];
    const says = (status: string) => outcomeOfHttp([':status', status], '', facts).details;
    expect(says('405')).to.equal(
      'the server answered with HTTP status 405, not with Connect; the server takes no GET for this method, which the schema marks NO_SIDE_EFFECTS: leave idempotentGet out',
    );
    expect(says('404')).to.not.include('GET');
    expect(outcomeOfHttp([':status', '405'], '', FACTS['Connect']).details).to.not.include('GET');
  });

  it('is not advised where the server takes what was sent', () => {
    const { details } = outcomeOfHttp([':status', '415', 'accept-post', ALL_POSTS], '', FACTS['gRPC-Web']);
    expect(details).to.include('; the server speaks gRPC-Web, but takes ').and.not.include('try the option');
  });

  for (const [type, label] of [
    ['application/grpc', 'gRPC'],
    ['application/grpc+proto', 'gRPC'],
    ['Application/gRPC; a=b', 'gRPC'],
    ['application/grpc-web', 'gRPC-Web'],
    ['application/grpc-web-text+proto', 'gRPC-Web'],
    ['application/proto', 'Connect'],
    ['application/connect+json', 'Connect'],
    ['application/grpcx', undefined],
    ['application/json', undefined],
    ['application/protobuf', undefined],
    ['text/html', undefined],
    ['x application/grpc-webx', undefined],
  ] as const) {
    it(`has ${type} for ${label ?? 'none'}`, () => {
      expect(labelOf(['content-type', type])).to.equal(label);
    });
  }
});
