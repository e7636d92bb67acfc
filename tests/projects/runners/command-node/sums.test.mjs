import assert from 'node:assert';
import { test } from 'node:test';

test('is right', () => assert.equal(1 + 1, 2));
test('is wrong', () => assert.equal(1 + 1, 3));
test('is skipped', { skip: true }, () => {});
