import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// Zones: app -> features -> {components, api} -> lib. src/architecture.test.ts
// enforces that no feature imports another one and that there are no barrels.
const zone = (files, forbidden) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: forbidden.map((name) => ({ group: [`@/${name}/*`], message: `${files[0]} must not import ${name}` })) },
    ],
  },
});

export default tseslint.config(
  { ignores: ['dist', 'node_modules'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  zone(['src/lib/**'], ['app', 'features', 'components', 'api']),
  zone(['src/api/**'], ['app', 'features', 'components']),
  zone(['src/components/**'], ['app', 'features']),
  zone(['src/features/**'], ['app']),
  {
    files: ['bench/**/*.mjs'],
    languageOptions: { globals: { performance: 'readonly', requestAnimationFrame: 'readonly', CanvasRenderingContext2D: 'readonly', PerformanceObserver: 'readonly', fetch: 'readonly', setTimeout: 'readonly', URLSearchParams: 'readonly' } },
  },
  {
    files: ['scripts/**/*.mjs', 'e2e/**/*.mjs', 'bench/**/*.mjs'],
    // document: what the browser tests evaluate inside a page.
    languageOptions: { globals: { console: 'readonly', process: 'readonly', URL: 'readonly', Buffer: 'readonly', document: 'readonly', window: 'readonly', performance: 'readonly' } },
  },
  {
    files: ['public/**/*.js'],
    languageOptions: { globals: { document: 'readonly', location: 'readonly', localStorage: 'readonly', matchMedia: 'readonly' } },
  },
);
