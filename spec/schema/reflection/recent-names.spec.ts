import { expect } from 'chai';
import {
  MAX_ABSENCE_MS,
  MAX_ABSENT_NAMES,
  RecentNames,
} from '../../../lib/schema/reflection/recent-names.ts';

describe('Names that a server was asked for in vain', () => {
  let nowMs = 0;
  let connection = 1;
  const names = (): RecentNames => new RecentNames({ now: () => nowMs, connection: () => connection });

  it('are known until they are too old', () => {
    const absent = names();
    absent.add('a.B');
    nowMs += MAX_ABSENCE_MS - 1;
    expect(absent.has('a.B')).to.equal(true);
    expect(absent.has('a.C')).to.equal(false);
    nowMs += 1;
    expect(absent.has('a.B')).to.equal(false);
  });

  it('are forgotten with the connection', () => {
    const absent = names();
    absent.add('a.B');
    connection++;
    expect(absent.has('a.B')).to.equal(false);
    absent.add('a.B');
    expect(absent.has('a.B')).to.equal(true);
  });

  it(`are ${MAX_ABSENT_NAMES} at most`, () => {
    const absent = names();
    for (let i = 0; i <= MAX_ABSENT_NAMES; i++) absent.add(`a.B${i}`);
    expect(absent.has(`a.B${MAX_ABSENT_NAMES - 1}`)).to.equal(true);
    expect(absent.has(`a.B${MAX_ABSENT_NAMES}`)).to.equal(false);
  });

  it('make room when they are too old, and only then', () => {
    const absent = names();
    absent.add('old');
    absent.add('told again');
    nowMs += 1;
    for (let i = 2; i < MAX_ABSENT_NAMES; i++) absent.add(`a.B${i}`);
    absent.add('told again');
    nowMs += MAX_ABSENCE_MS - 2;
    absent.add('too early');
    expect(absent.has('too early')).to.equal(false);
    nowMs += 1;
    absent.add('in the place of the old');
    absent.add('one too many');
    expect(absent.has('in the place of the old')).to.equal(true);
    expect(absent.has('one too many')).to.equal(false);
    expect(absent.has('told again')).to.equal(true);
  });

  it('are all forgotten when all are too old', () => {
    const absent = names();
    for (let i = 0; i < MAX_ABSENT_NAMES; i++) absent.add(`a.B${i}`);
    nowMs += MAX_ABSENCE_MS;
    for (let i = 0; i < MAX_ABSENT_NAMES; i++) absent.add(`c.D${i}`);
    expect(absent.has(`c.D${MAX_ABSENT_NAMES - 1}`)).to.equal(true);
  });
});
