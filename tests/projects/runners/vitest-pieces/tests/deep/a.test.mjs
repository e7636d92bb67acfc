import { expect, test } from 'vitest';

test('adds in deep/a', () => expect(1 + 1).toBe(2));
