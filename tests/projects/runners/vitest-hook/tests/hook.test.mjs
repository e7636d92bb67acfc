import { beforeAll, describe, test } from 'vitest';

describe('group', () => {
  beforeAll(() => { throw new Error('the hook breaks'); });
  test('held by a hook', () => {});
});
