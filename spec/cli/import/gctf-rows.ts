// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// Files of grpctestify for `stubless import`.

import type { ImportRow } from './import-row.ts';

export const GCTF_ROWS: readonly ImportRow[] = [
  {
    name: 'a reply of a .gctf file, and assertions about the same field',
    file: 'both.gctf',
    text: `--- ADDRESS ---
localhost:4770
--- ENDPOINT ---
a.B/C
--- RESPONSE ---
{ "name": "Ada" }
--- ASSERTS ---
.name == "Ada"
.name | length > 2
`,
    made: {
      target: 'localhost:4770',
      requests: [
        {
          name: 'both',
          method: 'a.B/C',
          expect: { reply: { $exactly: { name: { $any: ['Ada'], $length: { $above: 2 } } } } },
        },
      ],
    },
  },
  {
    name: 'a .gctf file',
    file: 'login.gctf',
    text: `--- META ---
name: logs in
summary: and asks
tags: [smoke]
owner: us

--- ADDRESS ---
localhost:4770

--- PROTO ---
files: a.proto, b.proto
import_paths: ./protos

--- OPTIONS ---
timeout: 5
retry: 2

--- ENDPOINT ---
auth.Auth/Login

--- REQUEST ---
{ "user": "a" }

--- RESPONSE partial ---
{ "ok": true }

--- ASSERTS ---
.user.name == "a"
.user.age >= 18
.items | length == 3
.token != null
@header("x-id") == "7"
.a == .b

--- EXTRACT ---
token = .token
id = @header("x-id")

--- ENDPOINT ---
auth.Auth/Get

--- REQUEST_HEADERS ---
authorization: Bearer {{ token }}

--- REQUEST ---
{ "id": "{{ id }}" }

--- ERROR ---
{ "code": 5, "message": "gone" }
`,
    made: {
      target: 'localhost:4770',
      schema: { proto: ['a.proto', 'b.proto'], importPath: ['./protos'] },
      requests: [
        {
          name: 'logs in',
          description: 'and asks',
          tags: ['smoke'],
          method: 'auth.Auth/Login',
          timeout: '5s',
          retry: 2,
          request: { user: 'a' },
          expect: {
            headers: { 'x-id': '7' },
            reply: {
              ok: true,
              user: { name: 'a', age: { $atLeast: 18 } },
              items: { $length: 3 },
              token: { $present: true },
            },
          },
          capture: { token: 'token', id: { header: 'x-id' } },
        },
        {
          name: 'logs in 2',
          tags: ['smoke'],
          method: 'auth.Auth/Get',
          metadata: { authorization: 'Bearer ${token}' },
          request: { id: '${id}' },
          expect: { status: { code: 5, message: 'gone' } },
        },
      ],
    },
    lost: ["5: not carried over: 'owner' of META", '33: not carried over: the assertion .a == .b'],
  },
  {
    name: 'several requests of a .gctf file, with comments and other addresses',
    file: 'chain.gctf',
    text: `// Document 1
--- ADDRESS ---
auth:50051
--- ENDPOINT ---
a.B/Login
--- EXTRACT ---
session = .session

// Document 2: elsewhere
--- ADDRESS ---
localhost:60060
--- REQUEST_HEADERS ---
x-session: {{session}}
--- ENDPOINT ---
a.B/Fetch
--- REQUEST ---
{ "a": 1 }
// Document 3
--- ENDPOINT ---
a.B/More
--- OPTIONS ---
timeout: 3
--- RESPONSE ---
{ "b": 2 }
`,
    made: {
      target: 'http://auth:50051',
      requests: [
        { name: 'chain', method: 'a.B/Login', capture: { session: 'session' } },
        {
          name: 'chain 2',
          target: 'localhost:60060',
          method: 'a.B/Fetch',
          metadata: { 'x-session': '${session}' },
          request: { a: 1 },
        },
        { name: 'chain 3', method: 'a.B/More', timeout: '3s', expect: { reply: { $exactly: { b: 2 } } } },
      ],
    },
  },
  {
    name: 'assertions and options of a .gctf file that patterns say as well',
    file: 'asserts.gctf',
    text: `--- ADDRESS ---
localhost:4770
--- ENDPOINT ---
a.B/C
--- RESPONSE partial tolerance=0.5 unordered_arrays redact=x ---
{ "price": 1.25, "count": 3, "tags": ["a", "b"] }
--- ASSERTS ---
.name startsWith "A.b"
.path | endswith("/c")
.mail | test("@")
.code | contains("x")
@regex(.zip, "^[0-9]+$")
@uuid(.id)
@email(.mail)
@header("content-type") contains "grpc"
@trailer("x-time") != null
!@has_header("x-none")
@elapsed_ms() <= 250
.name startsWith "{{who}}"
`,
    made: {
      target: 'localhost:4770',
      requests: [
        {
          name: 'asserts',
          method: 'a.B/C',
          expect: {
            reply: {
              price: { $near: 1.25, $within: 0.5 },
              count: 3,
              tags: { $unordered: ['a', 'b'] },
              name: { $matches: '^A\\.b' },
              path: { $matches: '/c$' },
              mail: { $matches: '@' },
              code: { $contains: 'x' },
              zip: { $matches: '^[0-9]+$' },
              id: { $matches: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' },
            },
            headers: { 'content-type': { $contains: 'grpc' }, 'x-none': { $present: false } },
            trailers: { 'x-time': { $present: true } },
            within: '250ms',
          },
        },
      ],
    },
    lost: [
      '5: not carried over: the option redact=x of RESPONSE',
      '14: not carried over: the assertion @email(.mail)',
      '19: not carried over: the assertion .name startsWith "{{who}}"',
    ],
  },
  {
    name: 'assertions of a .gctf file on one field, all of which must hold',
    file: 'several.gctf',
    text: `--- ENDPOINT ---
a.B/C
--- ASSERTS ---
.message contains "a"
.message contains "b"
.message contains "c"
.message != "q"
.message != "r"
.n > 1
.n > 2
.n > 1
.n == 9007199254740993
.n == 9007199254740992
.l | length > 1
.l | length < 4
.o == 3
.o.p == 1
@has_header("x-a")
@header("x-a") == "7"
`,
    made: {
      requests: [
        {
          name: 'several',
          method: 'a.B/C',
          expect: {
            headers: { 'x-a': { $present: true, $any: ['7'] } },
            reply: {
              message: {
                $contains: 'a',
                $any: [{ $contains: 'b', $any: [{ $contains: 'c' }] }],
                $not: { $any: ['q', 'r'] },
              },
              n: { $above: 1, $any: [{ $above: 2, $any: [9007199254740993n] }] },
              l: { $length: { $above: 1 }, $any: [{ $length: { $below: 4 } }] },
              o: 3,
            },
          },
        },
      ],
    },
    lost: [
      '13: not carried over: the assertion .n == 9007199254740992, beside which another value is expected',
      '17: not carried over: the assertion .o.p == 1, beside which another value is expected',
    ],
  },
];
