import { expect } from 'chai';
import { adviceFor, describeAnswer } from '../../lib/rpc/http-answer.ts';

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
  [['401'], undefined, /^; a proxy or gateway in front of the gRPC server demands credentials$/],
  [['403'], undefined, /^; a proxy, gateway or firewall refused the call/],
  [['404', '405', '415'], 'text/html', /^; this is a web server, or the service is behind a path prefix/],
  [['413'], undefined, /does not accept requests of this size$/],
  [['421'], undefined, /^; it does not serve this :authority/],
  [['429'], undefined, /accepts no more calls for now$/],
  [['426', '464'], undefined, /does not forward HTTP\/2 to it/],
  [['502', '503', '504'], undefined, /^; a proxy or load balancer answered: it cannot reach the gRPC server/],
  [['', '100', '204', '300', '304', '400', '402', '418', '500', '501', '505', '599'], 'text/html', /^$/],
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

  for (const [name, type, fields, says] of heads) {
    it(`is described where it sends ${name}`, () => {
      expect(describeAnswer('502', type, fields, 'gRPC')).to.include(
        `the server answered with HTTP status ${says}`,
      );
    });
  }
});
