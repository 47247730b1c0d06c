// What is read of a page that an HTTP server sends in place of an answer.

import { expect } from 'chai';
import { HttpPage } from '../../lib/rpc/http-page.ts';
import type { FieldList } from '../../lib/rpc/transport.ts';
import { FakeClock } from '../support/time/fake-clock.ts';

const HTML = ['content-type', 'text/html; charset=utf-8'];
const TEXT = ['content-type', 'text/plain'];
const MAX_OCTETS = 4096;
const WAIT_MS = 1000;
const UNTOLD_WAIT_MS = 150;

function pageOf(head: FieldList, onLate = (): void => {}): HttpPage | undefined {
  return HttpPage.behind(head, new FakeClock(), onLate);
}

const TEXTS: readonly (readonly [name: string, type: FieldList, body: string, text: string])[] = [
  [
    "nginx's page",
    HTML,
    '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
    '502 Bad Gateway nginx',
  ],
  ['a page that is all title', HTML, '<title>Log in</title><style>b { top: 0 }</style>', 'Log in'],
  ['scripts and comments', HTML, '<script>a < b</script>x<!-- y -->z', 'x z'],
  ['tags and scripts without an end', HTML, 'x<script>a', 'x'],
  ['a tag without an end', HTML, 'x <b', 'x'],
  ['entities', HTML, 'a &lt;b&gt; &amp;lt; &quot;c&quot;&nbsp;&#39;', 'a <b> &lt; "c" \''],
  ['plain text', TEXT, 'upstream connect\n  error <b>', 'upstream connect error <b>'],
  ['no content-type', [], 'RBAC: access denied', 'RBAC: access denied'],
  ['JSON', ['content-type', 'application/problem+json'], '{ "why": 1 }', '{ "why": 1 }'],
  ['text of an unknown type', ['content-type', 'application/octet-stream'], 'oops: down', 'oops: down'],
  ['octets of an unknown type', ['content-type', 'application/octet-stream'], 'a\0b', ''],
  ['octets of an unknown type that are no UTF-8', ['content-type', 'application/x'], 'a\xff', ''],
  ['HTML of an unknown type', ['content-type', 'application/x'], '<html><h1>no</h1></html>', 'no'],
  ['octets that are no UTF-8', TEXT, 'a\xff', 'a\ufffd'],
  ['200 characters', TEXT, 'x'.repeat(200), 'x'.repeat(200)],
  ['201 characters', TEXT, 'x'.repeat(201), `${'x'.repeat(200)}…`],
  ['what becomes nothing', HTML, '<html></html>', ''],
];

describe('The page of an HTTP server', () => {
  for (const [name, type, body, text] of TEXTS) {
    for (const isSplit of [false, true])
      it(`is quoted, of ${name}${isSplit ? ', octet by octet' : ''}`, () => {
        const octets = Buffer.from(body, 'latin1');
        const page = pageOf([':status', '502', ...type, 'content-length', String(octets.length)]);
        const step = isSplit ? 1 : octets.length;
        const taken: (boolean | undefined)[] = [];
        for (let at = 0; at < octets.length; at += step) taken.push(page?.take(octets, at, at + step));
        // Its end is about to come.
        expect(taken.every((isEnough) => isEnough === false)).to.equal(true);
        expect(page?.text).to.equal(text);
      });
  }

  const promises: readonly (readonly [name: string, head: FieldList, isPromised: boolean])[] = [
    ['text of some length', [...TEXT, 'content-length', '1'], true],
    ['text of no length', [...TEXT, 'content-length', '0'], false],
    ['text of unknown length', TEXT, true],
    ['nothing said of it', [], true],
    [
      'something else of some length',
      ['content-type', 'application/octet-stream', 'content-length', '1'],
      true,
    ],
    ['compressed text', [...TEXT, 'content-length', '9', 'content-encoding', 'gzip'], false],
    ['a picture', ['content-type', 'image/png', 'content-length', '9'], false],
  ];
  for (const [name, head, isPromised] of promises)
    it(`is ${isPromised ? '' : 'not '}waited for after a head with ${name}`, () => {
      expect(pageOf(head) !== undefined).to.equal(isPromised);
    });

  it(`is read for ${MAX_OCTETS} octets`, () => {
    const page = pageOf([...TEXT, 'content-length', String(MAX_OCTETS + 1)]);
    const octets = Buffer.alloc(MAX_OCTETS + 1, 'x');
    expect(page?.take(octets, 0, MAX_OCTETS - 1)).to.equal(false);
    expect(page?.take(octets, MAX_OCTETS - 1, MAX_OCTETS + 1)).to.equal(true);
  });

  it(`is waited for ${UNTOLD_WAIT_MS} ms where its length is unknown`, () => {
    const clock = new FakeClock();
    const late: string[] = [];
    HttpPage.behind(TEXT, clock, () => late.push('a'));
    clock.advanceTo(UNTOLD_WAIT_MS - 1);
    expect(late).to.deep.equal([]);
    clock.advanceTo(UNTOLD_WAIT_MS);
    expect(late).to.deep.equal(['a']);
  });

  it(`is waited for ${WAIT_MS} ms, and no longer than anybody wants it`, () => {
    const clock = new FakeClock();
    const late: string[] = [];
    const head = [...TEXT, 'content-length', '1'];
    HttpPage.behind(head, clock, () => late.push('a'));
    HttpPage.behind(head, clock, () => late.push('b'))?.stop();
    clock.advanceTo(WAIT_MS - 1);
    expect(late).to.deep.equal([]);
    clock.advanceTo(WAIT_MS);
    expect(late).to.deep.equal(['a']);
  });
});
