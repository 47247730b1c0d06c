import { expect } from 'chai';
import { DocumentSize, MAX_DOCUMENT_CHARACTERS } from '../../../lib/schema/json-schema/document-size.ts';
import { SchemaError } from '../../../lib/values/errors.ts';

describe('the size of a document', () => {
  /** Its quotes count. */
  const full = 'x'.repeat(MAX_DOCUMENT_CHARACTERS - 2);

  it('may be the largest', () => {
    new DocumentSize('the document', 'ask for less').take(full);
  });

  it('may not be one more', () => {
    const size = new DocumentSize('the document', 'ask for less');
    size.take(full);
    expect(() => size.take(1)).to.throw(
      SchemaError,
      'the document would have more than 33554432 characters; ask for less',
    );
  });
});
