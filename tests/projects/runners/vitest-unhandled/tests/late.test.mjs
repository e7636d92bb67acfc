import { test } from 'vitest';

test('looks fine', async () => {
  Promise.reject(new Error('nobody waits for this'));
  await new Promise((done) => setTimeout(done, 20));
});
