import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../../house/walk.ts', import.meta.url));

test('a warm decision passes through at most 18 files', { timeout: 60_000 }, async () => {
	// In its own process, because Vitest's modules have other addresses than their files.
	// Coverage of functions that come from Node's cache is less precise.
	const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };
	const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
	const warm = /^A warm decision: (\d+) files \(session server \d+, bus (\d+)\), answered 204$/m.exec(stdout);
	expect(Number(warm?.[1])).toBeLessThanOrEqual(18);
	expect(Number(warm?.[2])).toBe(0);
	expect(stdout).toMatch(/^A failover: .*, answered 204$/m);
	expect(stdout).toMatch(/^A logout that is confirmed everywhere: .*, answered 200$/m);
});
