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
  {
    name: 'a .gctf file',
    file: 'login.gctf',
    text: `--- META ---
name: x

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
          name: 'login',
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
          name: 'login 2',
          method: 'auth.Auth/Get',
          metadata: { authorization: 'Bearer ${token}' },
          timeout: '5s',
          retry: 2,
          request: { id: '${id}' },
          expect: { status: { code: 5, message: 'gone' } },
        },
      ],
    },
    lost: [
      '1: not carried over: the section META',
      '30: not carried over: the assertion .a == .b',
      '1: not carried over: the section META',
    ],
  },
];
