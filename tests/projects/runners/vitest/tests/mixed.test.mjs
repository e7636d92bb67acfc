import { execFileSync } from 'node:child_process';
import { describe, expect, it, test } from 'vitest';

describe('sums', () => {
  it('is right', () => expect(1 + 1).toBe(2));

  it('is wrong', () => {
    expect(1 + 1).toBe(3);
  });

  it.skip('is skipped', () => {});
  it.todo('is to do');
});

test('twin', () => { throw new Error('the first of two under one name'); });
test('twin', () => {});

let tries = 0;
test('recovers', { retry: 1 }, () => { expect(++tries).toBe(2); });

test('children do not hear of us', () => {
  const said = execFileSync(process.execPath, ['-p', 'process.env.SEATRIAL_REPORT']).toString();
  expect(said.trim()).toBe('undefined');
});
