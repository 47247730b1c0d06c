import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import { type OpenApiOptions, openApi } from '../../../lib/schema/openapi/open-api.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { needEval } from '../../support/eval.ts';
import { registryOf, thrownBy } from '../schemas.ts';

const LIBRARY = `
syntax = "proto3";
package library.v1;
import "google/api/annotations.proto";
import "google/api/httpbody.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/timestamp.proto";

// Keeps books.
service Library {
  // Finds one.
  rpc GetBook(GetBookRequest) returns (Book) {
    option (google.api.http) = {
      get: "/v1/{name=shelves/*/books/*}"
      additional_bindings { get: "/v1/books/{name}" }
    };
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc ListBooks(ListBooksRequest) returns (ListBooksReply) {
    option (google.api.http) = { get: "/v1/{parent=shelves/*}/books" response_body: "books" };
  }
  rpc CreateBook(CreateBookRequest) returns (Book) {
    option (google.api.http) = { post: "/v1/{parent=shelves/*}/books" body: "book" };
  }
  rpc UpdateBook(CreateBookRequest) returns (Book) {
    option (google.api.http) = { patch: "/v1/{book.name=shelves/*/books/*}" body: "*" };
  }
  rpc CheckBook(GetBookRequest) returns (google.protobuf.Empty) {
    option deprecated = true;
    option (google.api.http) = { custom { kind: "HEAD" path: "/v1/{name=shelves/*/books/*}" } };
  }
  rpc Scan(GetBookRequest) returns (google.api.HttpBody) {
    option (google.api.http) = { get: "/v1/{name=files/**}:scan" };
  }
  rpc Clash(GetBookRequest) returns (Book) { option (google.api.http) = { get: "/v1/books/{name}" }; }
  rpc Odd(GetBookRequest) returns (Book) { option (google.api.http) = { get: "v1/odd" }; }
  rpc Plain(GetBookRequest) returns (Book);
  rpc Watch(GetBookRequest) returns (stream Book) { option (google.api.http) = { get: "/v1/watch" }; }
}

message GetBookRequest { string name = 1; }
message ListBooksRequest {
  string parent = 1;
  int32 page_size = 2;
  Filter filter = 3;
  repeated string tags = 4;
  map<string, string> labels = 5;
  repeated Filter more = 6;
}
message Filter { google.protobuf.Timestamp after = 1; Color color = 2; Filter inner = 3; int64 least = 4; }
enum Color { COLOR_UNSPECIFIED = 0; RED = 1; }
message ListBooksReply { repeated Book books = 1; }
message CreateBookRequest { string parent = 1; Book book = 2; string book_id = 3; }
message Book { string name = 1; bytes cover = 2; double weight = 3; Color color = 4; oneof kind { string a = 5; string b = 6; } }
`;

type Json = Readonly<Record<string, unknown>>;
/** What a path of names leads to. */
const at = (value: unknown, ...names: readonly (string | number)[]): unknown =>
  names.reduce((one: unknown, name) => (Object(one) as Json)[name], value);

describe('openApi', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([LIBRARY]);
  });
  const document = (options?: OpenApiOptions): Json =>
    JSON.parse(JSON.stringify(openApi(registry, options))) as Json;
  const parameters = (path: string, method: string): string[] => {
    const all = at(document(), 'paths', path, method, 'parameters') as readonly Json[];
    return all.map((one) => `${one['in']} ${one['name']}`);
  };

  for (const paths of ['all', 'http', 'connect'] as const) {
    it(`is valid with the paths of ${paths}`, async function () {
      needEval(this);
      const { valid, errors } = await new Validator().validate(document({ paths }));
      expect(valid, JSON.stringify(errors)).to.equal(true);
    });
  }

  it('has the paths of annotations, each part that varies as a parameter, and those of Connect', () => {
    const paths = Object.entries(Object(document()['paths']) as Record<string, Json>);
    expect(paths.map(([path, item]) => `${Object.keys(item)} ${path}`)).to.deep.equal([
      'get,patch,head /v1/shelves/{shelvesId}/books/{booksId}',
      'get /v1/books/{name}',
      'post,get /library.v1.Library/GetBook',
      'get,post /v1/shelves/{shelvesId}/books',
      'post /library.v1.Library/ListBooks',
      'post /library.v1.Library/CreateBook',
      'post /library.v1.Library/UpdateBook',
      'post /library.v1.Library/CheckBook',
      'get /v1/files/{filesId}:scan',
      'post /library.v1.Library/Scan',
      'post /library.v1.Library/Clash',
      'post /library.v1.Library/Odd',
      'post /library.v1.Library/Plain',
    ]);
  });

  it('flattens what is neither in the path nor in the body to query parameters', () => {
    expect(parameters('/v1/shelves/{shelvesId}/books', 'get')).to.deep.equal([
      'path shelvesId',
      'query pageSize',
      'query filter.after',
      'query filter.color',
      'query filter.least',
      'query tags',
    ]);
    expect(parameters('/v1/shelves/{shelvesId}/books', 'post')).to.deep.equal([
      'path shelvesId',
      'query bookId',
    ]);
    const list = at(document(), 'paths', '/v1/shelves/{shelvesId}/books', 'get', 'description');
    expect(list).to.equal('Without a form in the query: filter.inner, labels, more.');
  });

  it('has the body and the response that the annotation names', () => {
    const operation = (path: string, method: string): unknown => at(document(), 'paths', path, method);
    const schema = ['content', 'application/json', 'schema'];
    const book = { $ref: '#/components/schemas/library.v1.Book' };
    const shelf = '/v1/shelves/{shelvesId}/books';
    expect(at(operation(shelf, 'post'), 'requestBody', ...schema)).to.deep.equal(book);
    expect(at(operation(shelf, 'get'), 'responses', '200', ...schema)).to.deep.equal({
      type: 'array',
      items: book,
    });
    expect(at(operation(`${shelf}/{booksId}`, 'patch'), 'requestBody', ...schema)).to.deep.equal({
      $ref: '#/components/schemas/library.v1.CreateBookRequest',
    });
    expect(at(operation(`${shelf}/{booksId}`, 'head'), 'deprecated')).to.equal(true);
    expect(at(operation('/v1/files/{filesId}:scan', 'get'), 'responses', '200', 'content')).to.deep.equal({
      '*/*': {},
    });
  });

  it('has messages as servers of this version give them', () => {
    expect(at(document(), 'components', 'schemas', 'library.v1.Book')).to.deep.equal({
      type: 'object',
      properties: {
        name: { type: 'string' },
        cover: { type: 'string', contentEncoding: 'base64' },
        weight: {
          anyOf: [
            { type: 'number', format: 'double' },
            { type: 'string', enum: ['NaN', 'Infinity', '-Infinity'] },
          ],
        },
        color: { $ref: '#/components/schemas/library.v1.Color' },
        a: { type: 'string' },
        b: { type: 'string' },
      },
    });
    expect(at(document(), 'components', 'schemas', 'library.v1.Color')).to.deep.equal({
      type: 'string',
      enum: ['COLOR_UNSPECIFIED', 'RED'],
    });
    expect(at(document(), 'components', 'schemas', 'connect-error', 'properties', 'code', 'enum')).to.include(
      'canceled',
    );
  });

  it('says what it leaves out, and why', () => {
    expect(at(document(), 'info', 'description')).to.equal(
      [
        'Left out:\n',
        '- `/library.v1.Library/Clash`: another method has GET /v1/books/{name} already',
        '- `/library.v1.Library/Odd`: the path "v1/odd" is malformed',
        '- `/library.v1.Library/Watch`: a streaming method cannot be called with plain HTTP and JSON',
      ].join('\n'),
    );
    expect(at(document({ paths: 'http' }), 'info', 'description')).to.contain(
      '`/library.v1.Library/Plain`: it has no google.api.http annotation',
    );
  });

  it('is called what it is to be called', () => {
    expect(document({ title: 'Books', version: 'v1', server: 'https://books.test' })).to.deep.include({
      openapi: '3.1.0',
      servers: [{ url: 'https://books.test' }],
    });
    expect(at(document({ title: 'Books', version: 'v1' }), 'info', 'title')).to.equal('Books');
    expect(at(document(), 'info', 'title')).to.equal('Library');
  });

  it('needs a service', () => {
    expect(thrownBy(() => openApi(new Registry())).message).to.equal(
      'there is no service to describe: none is loaded',
    );
    expect(thrownBy(() => openApi(registry, { services: ['library.v1.Librari'] })).message).to.equal(
      "service 'library.v1.Librari' is not loaded; did you mean 'library.v1.Library'?",
    );
  });

  it('keeps queries small, whatever a request contains', async () => {
    const levels = 12;
    const message = (i: number): string => {
      const fields = Array.from({ length: 30 }, (_, j) => `M${i + 1} f${j} = ${j + 1};`);
      return `message M${i} { ${i === levels ? 'string x = 1;' : fields.join(' ')} }`;
    };
    const wide = await registryOf([
      `syntax = "proto3"; package wide; import "google/api/annotations.proto";
       ${Array.from({ length: levels + 1 }, (_, i) => message(i)).join('\n')}
       service S { rpc A(M0) returns (M0) { option (google.api.http) = { get: "/a" }; } }`,
    ]);
    const operation = at(openApi(wide), 'paths', '/a', 'get') as Json;
    expect(operation['parameters']).to.equal(undefined);
    expect(operation['description']).to.match(/^Without a form in the query: .*, …\.$/);
  });
});
