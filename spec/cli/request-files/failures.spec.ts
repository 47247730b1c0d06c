// What is told of each kind of expectation that is not met: it fails once on purpose, against the example server.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { KEYS } from '../../../lib/requests/file/keys.ts';
import { runInProcess } from '../in-process.ts';
import { exampleFolder } from './example-folder.ts';

interface Row {
  readonly name: string;
  /** Without its name. */
  readonly request: string;
  /** What differs, what was expected, what came. */
  readonly told: readonly (readonly [string, string, string])[];
  /** The snapshot of the request. */
  readonly snapshot?: string;
}

const HELLO = 'method: SayHello, request: { name: you }';
const PLACE = 'method: GetFeature, request: { latitude: 407838351, longitude: -746143763 }';
const BEYOND = 'method: GetFeature, request: { latitude: 900000001 }';
const BEYOND_TEXT = 'no latitude is beyond 90 degrees';
const BEYOND_DETAIL = `{ @type: "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ field: "latitude", description: "${BEYOND_TEXT}" }] }`;
const GREETINGS = 'method: SayHelloStreamReply, request: { name: you }';

const rows: readonly Row[] = [
  {
    name: 'a status other than OK',
    request: `method: SayHello, request: { name: nobody }`,
    told: [['status', 'OK', 'NOT_FOUND: no greeting for nobody']],
  },
  {
    name: 'OK where a failure is expected',
    request: `${HELLO}, expect: { status: NOT_FOUND }`,
    told: [['status.code', 'NOT_FOUND', 'OK']],
  },
  {
    name: 'another status',
    request: `method: SayHello, request: { name: nobody }, expect: { status: [INTERNAL, UNAVAILABLE] }`,
    told: [['status.code', 'INTERNAL or UNAVAILABLE', 'NOT_FOUND "no greeting for nobody"']],
  },
  {
    name: 'another text of a status',
    request: `method: SayHello, request: { name: nobody }, expect: { status: { code: NOT_FOUND, message: { $matches: ^there } } }`,
    told: [['status.message', 'text that matches /^there/u', '"no greeting for nobody"']],
  },
  {
    name: 'details that did not come',
    request: `method: SayHello, request: { name: nobody }, expect: { status: { code: NOT_FOUND, details: [{ "@type": google.rpc.BadRequest, fieldViolations: [{ field: name }] }] } }`,
    told: [
      [
        'status.details',
        'a detail { @type: "google.rpc.BadRequest", fieldViolations: [{ field: "name" }] }',
        'no details',
      ],
    ],
  },
  {
    name: 'details of a failure that was not expected',
    request: BEYOND,
    told: [['status', 'OK', `INVALID_ARGUMENT: ${BEYOND_TEXT}, details [${BEYOND_DETAIL}]`]],
  },
  {
    name: 'details of another failure than the expected one',
    request: `${BEYOND}, expect: { status: NOT_FOUND }`,
    told: [['status.code', 'NOT_FOUND', `INVALID_ARGUMENT "${BEYOND_TEXT}", details [${BEYOND_DETAIL}]`]],
  },
  {
    name: 'a detail with other fields',
    request: `${BEYOND}, expect: { status: { code: INVALID_ARGUMENT, details: [{ "@type": google.rpc.BadRequest, fieldViolations: [{ field: longitude }] }] } }`,
    told: [['status.details[0].fieldViolations[0].field', '"longitude"', '"latitude"']],
  },
  {
    name: 'details that are not exactly these',
    request: `${BEYOND}, expect: { status: { code: INVALID_ARGUMENT, details: { $exactly: [] } } }`,
    told: [['status.details[0]', 'nothing', BEYOND_DETAIL]],
  },
  {
    name: 'a failure where a reply is expected as well',
    request: `method: SayHello, request: { name: nobody }, expect: { status: NOT_FOUND, reply: { message: Hello nobody } }`,
    told: [['reply', 'a reply', 'none']],
  },
  {
    name: 'a deadline',
    request: `method: SayHello, request: { name: sleepy }, timeout: 20ms`,
    told: [['status', 'OK', 'DEADLINE_EXCEEDED: …']],
  },
  {
    name: 'a field',
    request: `${HELLO}, expect: { reply: { message: Hello me } }`,
    told: [['reply.message', '"Hello me"', '"Hello you"']],
  },
  {
    name: 'a field of a message inside',
    request: `${PLACE}, expect: { reply: { location: { latitude: 1 } } }`,
    told: [['reply.location.latitude', '1', '407838351']],
  },
  {
    name: 'a regular expression',
    request: `${HELLO}, expect: { reply: { message: { $matches: ^Bye } } }`,
    told: [['reply.message', 'text that matches /^Bye/u', '"Hello you"']],
  },
  {
    name: 'a part of a text',
    request: `${HELLO}, expect: { reply: { message: { $contains: me } } }`,
    told: [['reply.message', 'text that contains "me"', '"Hello you"']],
  },
  {
    name: 'a length',
    request: `${HELLO}, expect: { reply: { message: { $length: { $atMost: 3 } } } }`,
    told: [['reply.message', 'a length of at most 3', '9: "Hello you"']],
  },
  {
    name: 'bounds',
    request: `${PLACE}, expect: { reply: { location: { latitude: { $below: 0 }, longitude: { $atLeast: 0 } } } }`,
    told: [
      ['reply.location.latitude', 'less than 0', '407838351'],
      ['reply.location.longitude', 'at least 0', '-746143763'],
    ],
  },
  {
    name: 'bounds, the other way around',
    request: `${PLACE}, expect: { reply: { location: { latitude: { $atMost: 0 }, longitude: { $above: 0 } } } }`,
    told: [
      ['reply.location.latitude', 'at most 0', '407838351'],
      ['reply.location.longitude', 'more than 0', '-746143763'],
    ],
  },
  {
    name: 'a tolerance',
    request: `${PLACE}, expect: { reply: { location: { latitude: { $near: 0, $within: 10 } } } }`,
    told: [['reply.location.latitude', 'within 10 of 0', '407838351']],
  },
  {
    name: 'presence',
    request: `method: GetFeature, expect: { reply: { name: { $present: true } } }`,
    told: [['reply.name', 'any value', '""']],
  },
  {
    name: 'what is not to be set',
    request: `${PLACE}, expect: { reply: { location: null } }`,
    told: [['reply.location', 'nothing', '{ latitude: 407838351, longitude: -746143763 }']],
  },
  {
    name: 'other fields than exactly these',
    request: `${PLACE}, expect: { reply: { $exactly: { location: { latitude: 407838351, longitude: -746143763 } } } }`,
    told: [['reply.name', 'nothing', '"Patriots Path, Mendham, NJ 07945, USA"']],
  },
  {
    name: 'none of several values',
    request: `${HELLO}, expect: { reply: { message: { $any: [a, b] } } }`,
    told: [['reply.message', '"a" or "b"', '"Hello you"']],
  },
  {
    name: 'a value that is not to be',
    request: `${HELLO}, expect: { reply: { message: { $not: Hello you } } }`,
    told: [['reply.message', 'anything but "Hello you"', '"Hello you"']],
  },
  {
    name: 'too few replies',
    request: `${GREETINGS}, expect: { replies: [{}, {}, {}, { message: more }] }`,
    told: [['replies[3]', '{ message: "more" }', 'nothing']],
  },
  {
    name: 'too many replies',
    request: `${GREETINGS}, expect: { replies: [{}] }`,
    told: [['replies[1]', 'nothing', '{ message: "Salut you" } and 1 more']],
  },
  {
    name: 'one reply of a stream',
    request: `${GREETINGS}, expect: { replies: [{}, { message: no }, {}] }`,
    told: [['replies[1].message', '"no"', '"Salut you"']],
  },
  {
    name: 'the number of replies',
    request: `${GREETINGS}, expect: { replies: { $length: 2 } }`,
    told: [
      [
        'replies',
        'a length of 2',
        '3: [{ message: "Hello you" }, { message: "Salut you" }, { message: "Hola you" }]',
      ],
    ],
  },
  {
    name: 'each reply',
    request: `${GREETINGS}, expect: { replies: { $each: { message: { $contains: Hello } } } }`,
    told: [
      ['replies[1].message', 'text that contains "Hello"', '"Salut you"'],
      ['replies[2].message', 'text that contains "Hello"', '"Hola you"'],
    ],
  },
  {
    name: 'replies in any order',
    request: `${GREETINGS}, expect: { replies: { $unordered: [{ message: Hola you }, { message: Hello you }, { message: Bye you }] } }`,
    told: [['replies[1].message', '"Bye you"', '"Salut you"']],
  },
  {
    name: 'a reply that is not among them',
    request: `${GREETINGS}, expect: { replies: { $contains: { message: Bye you } } }`,
    told: [
      [
        'replies',
        'an element { message: "Bye you" }',
        'none in 3 elements; the nearest, [0], differs in message: expected "Bye you", got "Hello you"',
      ],
    ],
  },
  {
    name: 'a header',
    request: `${HELLO}, metadata: { x-request-id: a }, expect: { headers: { x-request-id: b, x-none: c } }`,
    told: [
      ['headers.x-request-id', '"b"', '"a"'],
      ['headers.x-none', '"c"', 'nothing'],
    ],
  },
  {
    name: 'a trailer',
    request: `${HELLO}, expect: { trailers: { x-served-by: { $matches: go } } }`,
    told: [['trailers.x-served-by', 'text that matches /go/u', '"grpc-js"']],
  },
  {
    name: 'all values of a header',
    request: `${HELLO}, metadata: { x-request-id: a }, expect: { headers: { x-request-id: [a, c] } }`,
    told: [['headers.x-request-id[1]', '"c"', 'nothing']],
  },
  {
    name: 'a header that is not to be',
    request: `${HELLO}, metadata: { x-request-id: a }, expect: { headers: { x-request-id: { $present: false } } }`,
    told: [['headers.x-request-id', 'nothing', '"a"']],
  },
  {
    name: 'the time of the call',
    request: `${GREETINGS}, expect: { within: 0.01ms }`,
    told: [['within', 'at most 0.01ms', 'TIME']],
  },
  {
    name: 'the time between replies',
    request: `method: ListFeatures, request: { lo: { latitude: 400000000, longitude: -750000000 }, hi: { latitude: 420000000, longitude: -740000000 } }, expect: { gap: 0.01ms }`,
    told: [['gap', 'at most 0.01ms', 'TIME before reply [N]']],
  },
  {
    name: 'a stream that ends instead of falling silent',
    request: `${GREETINGS}, expect: { quietFor: 5s }`,
    told: [['quietFor', 'an open stream, silent for 5s', 'the call ended TIME after it began']],
  },
  {
    name: 'a failure instead of an open stream, once',
    request: `method: RouteChat, timeout: 20ms, expect: { replies: [{}], quietFor: 5s }`,
    told: [['status', 'OK', 'DEADLINE_EXCEEDED: …']],
  },
  {
    name: 'more replies where none is to come any more',
    request: `method: SayHelloBidiStream, requests: [{ name: a }, { name: b, $delay: 10ms }], expect: { replies: [{}], quietFor: 20s }`,
    told: [['replies[1]', 'nothing', '{ message: "Hello b" }']],
  },
  {
    name: 'a snapshot that there is not',
    request: `${HELLO}, expect: { snapshot: true }`,
    told: [['snapshot', 'one', 'none; --update writes it']],
  },
  {
    name: 'a snapshot of something else',
    request: `${HELLO}, expect: { snapshot: true }`,
    snapshot: '{ reply: { $exactly: { message: Hello me } } }',
    told: [['reply.message', '"Hello me"', '"Hello you"']],
  },
  {
    name: 'a snapshot of a failure',
    request: `${HELLO}, expect: { snapshot: true }`,
    snapshot: '{ status: { code: NOT_FOUND } }',
    told: [['status.code', 'NOT_FOUND', 'OK']],
  },
  {
    name: 'a capture that did not come',
    request: `method: SayHello, capture: { a: { header: x-none }, b: { trailer: x-none } }`,
    told: [
      ['capture.a', 'the header x-none', 'nothing there'],
      ['capture.b', 'the trailer x-none', 'nothing there'],
    ],
  },
  {
    name: 'a capture of a reply that did not come',
    request: `${GREETINGS}, capture: { a: '[7].message' }`,
    told: [['capture.a', '[7].message in the reply', 'nothing there']],
  },
];

/** Without what is different each time. */
const steady = (came: string): string =>
  came
    .replace(/^DEADLINE_EXCEEDED: .*/, 'DEADLINE_EXCEEDED: …')
    .replace(/\d+(?:\.\d+)?(?:ms|s)\b/g, 'TIME')
    .replace(/reply \[\d+\]/, 'reply [N]');

describe('Expectations that are not met', function () {
  this.timeout(30_000);

  const folder = exampleFolder();

  it('are all here', () => {
    const operators = Array.from(
      readFileSync('docs/patterns.md', 'utf8').matchAll(/^\| (`\$.*?) \|/gm),
      ([, cell]) => cell.match(/\$\w+/g) ?? [],
    ).flat();
    expect(operators).to.have.lengthOf.above(12);
    const requests = rows.map(({ request }) => request);
    const missing = [...KEYS.expect, ...operators].filter(
      (key) => !requests.some((request) => request.includes(`${key}:`)),
    );
    expect(missing).to.deep.equal([]);
  });

  // Each has files of its own: to write over one that was just written can wait for the disk.
  for (const [row, { name, request, told, snapshot }] of rows.entries()) {
    it(`tell of ${name}`, async () => {
      const path = join(folder.path, `row-${row}.requests.yaml`);
      const protos = ['helloworld', 'route_guide'].map((one) => `${process.cwd()}/protos/${one}.proto`);
      writeFileSync(
        path,
        `target: localhost:${folder.port}\nschema: { proto: [${protos.join(', ')}] }\nrequests:\n  - { name: fails, ${request} }\n`,
      );
      if (snapshot !== undefined) {
        writeFileSync(join(folder.path, `row-${row}.snapshots.yaml`), `fails: ${snapshot}\n`);
      }
      const { status, stdout } = await runInProcess(['test', path]);
      const lines = Array.from(
        stdout.matchAll(/^ {6}(\S+)\n {8}expected (.*)\n {8}came {5}(.*)$/gm),
        ([, subject, expected, came]) => [subject, expected, steady(came)],
      );
      expect(lines).to.deep.equal(told);
      expect(status).to.equal(1);
    });
  }

  /** What fails first stands behind the mark. */
  const places: readonly (readonly [string, string])[] = [
    ['a value', `${HELLO}, expect: { reply: { message: »no } }`],
    ['an operator', `${HELLO}, expect: { reply: { message: { »$matches: ^X } } }`],
    [
      'the second of two',
      `${PLACE}, expect: { reply: { location: { latitude: { $above: 1, »$below: 2 } } } }`,
    ],
    [
      'an operator in an operator',
      `${GREETINGS}, expect: { replies: { $each: { message: { »$contains: zz } } } }`,
    ],
    ['a value in an operator', `${GREETINGS}, expect: { replies: { $each: { message: »zz } } }`],
    ['a length', `${GREETINGS}, expect: { replies: { $contains: {}, »$length: { $above: 99 } } }`],
    ['an element', `${GREETINGS}, expect: { replies: { »$contains: [{ message: zz }] } }`],
    ['what is exact', `${PLACE}, expect: { reply: { $exactly: { name: »x } } }`],
    ['a trailer', `${HELLO}, expect: { trailers: { x-served-by: { $present: true, »$contains: zz } } }`],
    [
      'the text of a status',
      'method: SayHello, request: { name: nobody }, expect: { status: { code: NOT_FOUND, message: { »$not: { $contains: no } } } }',
    ],
  ];
  for (const [place, [name, marked]] of places.entries()) {
    it(`point to ${name}`, async () => {
      const path = join(folder.path, `place-${place}.requests.yaml`);
      const protos = ['helloworld', 'route_guide'].map((one) => `${process.cwd()}/protos/${one}.proto`);
      const head = `target: localhost:${folder.port}\nschema: { proto: [${protos.join(', ')}] }\nrequests:\n`;
      const line = `  - { name: fails, ${marked} }`;
      writeFileSync(path, `${head}${line.replace('»', '')}\n`);
      const { stdout, stderr } = await runInProcess(['test', path, '--report', 'json=-']);
      expect(stderr).to.equal('');
      const [failure] = JSON.parse(stdout).files[0].requests[0].failures;
      expect(failure).to.include({ line: 4, column: line.indexOf('»') + 1 });
    });
  }
});
