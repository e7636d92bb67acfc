import { expect, test } from 'vitest';

test('adds in deep/b', () => expect(1 + 1).toBe(2));
