import { expect, test } from 'vitest';

test('adds in a', () => expect(1 + 1).toBe(2));
