// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// Files of Bruno, old and new, for `stubless import`.

import type { ImportRow } from './import-row.ts';

export const BRUNO_ROWS: readonly ImportRow[] = [
  {
    name: "Bruno's .bru",
    file: 'hello.bru',
    text: `meta {
  name: say hello
  type: grpc
  seq: 1
  tags: [
    smoke
    greet-ing
  ]
}

grpc {
  url: grpc://{{host}}
  method: /hello.Greeter/SayHello
  body: grpc
  protoPath: ../hello.proto
  auth: bearer
  methodType: bidi-streaming
}

metadata {
  x-tenant: {{tenant}}
  ~x-off: 1
  @description('a')
  "x: y": multi
  x-key: '''
    two
    lines
  '''
}

auth:bearer {
  token: eyJhbGciOiJIUzI1NiJ9.abc
}

body:grpc {
  name: message 1
  content: '''
    {
      "greeting": "hello {{who}}",
  "o": {
}
    }
  '''
}

body:grpc {
  name: message 2
  content: '''
    {"id": 9007199254740993}
  '''
}

vars:pre-request {
  who: world
  api_token: hunter2
}

assert {
  res.status: eq 0
}

tests {
  test("x", function() {
    expect(1).to.equal(1);
  });
}

docs {
  # Says hello
  twice
}
`,
    made: {
      target: 'http://${host}',
      schema: { proto: ['../hello.proto'] },
      variables: { who: 'world', api_token: '${env:API_TOKEN}' },
      requests: [
        {
          name: 'say hello',
          description: '# Says hello\ntwice',
          tags: ['smoke', 'greet-ing'],
          method: 'hello.Greeter/SayHello',
          metadata: {
            'x-tenant': '${tenant}',
            'x: y': 'multi',
            'x-key': 'two\nlines',
            authorization: 'Bearer ${env:AUTHORIZATION}',
          },
          requests: [{ greeting: 'hello ${who}', o: {} }, { id: 9007199254740993n }],
        },
      ],
    },
    lost: [
      "22: not carried over: the metadata 'x-off', which is turned off",
      "32: not carried over: the value of 'authorization', which looks like a secret: set AUTHORIZATION in the environment",
      "55: not carried over: the value of 'api_token', which looks like a secret: set API_TOKEN in the environment",
      '58: not carried over: the block assert',
      '62: not carried over: the block tests',
    ],
  },
  {
    name: "broken blocks of Bruno's .bru",
    file: 'broken.bru',
    text: `meta {\r
  name: a\r
}\r
stray\r
grpc {\r
  url: localhost:1\r
  method: a.B/C\r
  what\r
}\r
body:grpc {\r
  content: {"a": 1\r
}\r
body:grpc {\r
  content: '''\r
    {"b": 2}\r
`,
    made: {
      target: 'localhost:1',
      requests: [{ name: 'a', method: 'a.B/C', request: { b: 2 } }],
    },
    lost: [
      '4: not carried over: a line outside of every block: stray',
      '8: not carried over: a line that is no pair: what',
      '13: not carried over: the block body:grpc, which is never closed',
      "11: not carried over: a message that is not JSON: expected ',' or '}', found the end",
    ],
  },
  {
    name: "Bruno's YAML",
    file: 'hello.yml',
    text: `info:
  name: say hello
  type: grpc
  seq: 1
grpc:
  url: grpc://{{host}}
  method: /hello.Greeter/SayHello
  methodType: unary
  protoFilePath: ../hello.proto
  metadata:
    - name: x-tenant
      value: "{{tenant}}"
    - name: x-off
      value: a
      disabled: true
  message:
    - title: message 1
      message: '{ "name": "{{process.env.WHO}}" }'
  auth: inherit
runtime:
  scripts:
    - type: tests
      code: test()
docs: Says hello.
`,
    made: {
      target: 'http://${host}',
      schema: { proto: ['../hello.proto'] },
      requests: [
        {
          name: 'say hello',
          description: 'Says hello.',
          method: 'hello.Greeter/SayHello',
          metadata: { 'x-tenant': '${tenant}' },
          request: { name: '${env:WHO}' },
        },
      ],
    },
    lost: [
      "10: not carried over: the metadata 'x-off', which is turned off",
      '20: not carried over: runtime.scripts',
    ],
  },
];
