import { expect, test } from 'vitest';

test('adds in xa', () => expect(1 + 1).toBe(2));
