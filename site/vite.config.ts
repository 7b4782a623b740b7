import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const top = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root: top,
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['site/test/*.test.ts'] } },
      { extends: true, test: { name: 'browser', include: ['site/test/*.spec.ts'] } },
    ],
  },
});
