import type { Plugin } from 'esbuild';

/** CommonJS packages load Node's modules with `require`, which an ES module does not have. */
export const withRequire: Plugin = {
	name: 'with-require',
	setup({ initialOptions }) {
		initialOptions.banner = {
			js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
		};
	},
};
