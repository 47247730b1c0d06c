// Rows of data files: CSV and JSON lines.

import { expect } from 'chai';
import { MAX_ROWS, rowsOf } from '../../../lib/requests/file/data-rows.ts';
import { mistakeText } from '../../../lib/requests/file/source-file.ts';

describe('Rows of data files', () => {
  const csv: readonly (readonly [string, string, unknown])[] = [
    ['names and values', 'a,b\n1,x\n', [{ a: 1, b: 'x' }]],
    [
      'the last line without an end, and Windows line ends',
      'a,b\r\n1,x\r\n2,y',
      [
        { a: 1, b: 'x' },
        { a: 2, b: 'y' },
      ],
    ],
    ['a byte order mark', '\ufeffa\n1\n', [{ a: 1 }]],
    [
      'quotes, with commas, quotes and lines in them',
      'a,b\n"x, ""y""","1\n2"\n',
      [{ a: 'x, "y"', b: '1\n2' }],
    ],
    ['text in quotes that looks like a number', 'a,b,c\n"1","true",true\n', [{ a: '1', b: 'true', c: true }]],
    ['what only looks like a number', 'a,b,c\n007,+1,1.\n', [{ a: '007', b: '+1', c: '1.' }]],
    ['empty cells', 'a,b\n,""\n', [{ a: '', b: '' }]],
    ['empty lines', 'a\n\n1\n\n', [{ a: 1 }]],
    ['names like those of every object', '__proto__,a\n1,2\n', [JSON.parse('{"__proto__":1,"a":2}')]],
  ];
  for (const [name, text, rows] of csv) {
    it(`are read from CSV: ${name}`, () => {
      const read = rowsOf('csv', 'a.csv', text);
      expect(read.mistakes).to.deep.equal([]);
      expect(read.rows.map((row) => [...row])).to.deep.equal(
        (rows as object[]).map((row) => Object.entries(row)),
      );
    });
  }

  it('keep every digit', () => {
    const [row] = rowsOf('csv', 'a.csv', 'id\n9007199254740993\n').rows;
    expect(String(row.get('id'))).to.equal('9007199254740993');
    const [json] = rowsOf('jsonl', 'a.jsonl', '{"id":9007199254740993}\n').rows;
    expect(String(json.get('id'))).to.equal('9007199254740993');
  });

  const wrong: readonly (readonly ['csv' | 'jsonl', string, string])[] = [
    ['csv', '', 'a:1:1: there are no rows in it'],
    ['csv', 'a\n', 'a:1:1: there are no rows in it'],
    ['csv', 'a,a\n1,2\n', "a:1:1: the column 'a' is there twice"],
    ['csv', 'a,\n1,2\n', "a:1:1: the column '' cannot be the name of a variable"],
    ['csv', 'a,b\n1\n', 'a:2:1: 1 cells, but the first line names 2 columns'],
    ['csv', 'a\n"x\n\n"\n1,2\n', 'a:5:1: 2 cells, but the first line names 1 columns'],
    ['csv', 'a\n1\n"x\n', 'a:3:1: a quote is opened and never closed'],
    ['jsonl', '{"a":1}\n[]\n', 'a:2:1: a row is a JSON object of names and values'],
    ['jsonl', '{"a":}\n', "a:1:6: not JSON: expected a value, found '}'"],
    ['jsonl', '{"a b":1}\n', "a:1:1: 'a b' cannot be the name of a variable"],
    ['jsonl', '\n', 'a:1:1: there are no rows in it'],
  ];
  for (const [form, text, told] of wrong) {
    it(`are refused: ${told}`, () => {
      expect(rowsOf(form, 'a', text).mistakes.map(mistakeText)).to.deep.equal([told]);
    });
  }

  it(`are at most ${MAX_ROWS}`, () => {
    const lines = '1\n'.repeat(MAX_ROWS);
    expect(rowsOf('csv', 'a', `a\n${lines}`).rows).to.have.length(MAX_ROWS);
    const { rows, mistakes } = rowsOf('csv', 'a', `a\n${lines}1\n`);
    expect(rows).to.deep.equal([]);
    expect(mistakes.map(mistakeText)).to.deep.equal([`a:${MAX_ROWS + 1}:1: more than ${MAX_ROWS} rows`]);
  });
});
