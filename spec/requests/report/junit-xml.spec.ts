// JUnit XML that every reader of XML takes, whatever a server sends.

import { expect } from 'chai';
import { junitXml } from '../../../lib/requests/report/junit-xml.ts';

describe('JUnit XML', () => {
  it('has none of the characters that XML has no place for', () => {
    const error = '<"&\ufffe\uffff\ud800 \udc00 😀>';
    const xml = junitXml({ files: [{ file: 'a', requests: [], durationMs: 0, error }], durationMs: 0 });
    expect(xml).to.include('message="&lt;&quot;&amp;\\ufffe\\uffff\\ud800 \\udc00 😀&gt;"');
  });
});
