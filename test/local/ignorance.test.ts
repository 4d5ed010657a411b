import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundleFunction } from '../../local/lambda/bundle.ts';
import { functionEntries } from '../../local/lambda/function-bundles.ts';
import {
	localIssuers,
	repairQueue,
	sessionBucket,
	sessionServerEnvironment,
	tables,
} from '../../local/lambda/function-variables.ts';

/* The session server knows no repository (I9): neither its code nor its environment names one. */

let folder: string;
let sessionServer: Bundle;
let bus: Bundle;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'leasehold-bundles-'));
	[sessionServer, bus] = await Promise.all([
		bundleFunction({ entry: functionEntries.sessionServer, outDir: join(folder, 'session-server') }),
		bundleFunction({ entry: functionEntries.bus, outDir: join(folder, 'bus') }),
	]);
});

afterAll(async () => {
	await rm(folder, { recursive: true });
});

function modulesOf(bundle: Bundle, pattern: RegExp): string[] {
	return Object.keys(bundle.metafile.inputs).filter((path) => pattern.test(path));
}

describe('the session server’s bundle', () => {
	test('contains no repository, no bus, and no client of S3 or SQS', () => {
		expect(modulesOf(sessionServer, /functions\/(repositories|bus|repair)\/|@aws-sdk\/client-(s3|sqs)\//)).toEqual([]);
	});

	test('differs from the bus’s bundle, which contains all of them', () => {
		expect(modulesOf(bus, /functions\/repositories\/dynamodb\/repository/)).toHaveLength(1);
		expect(modulesOf(bus, /functions\/repositories\/s3\/repository/)).toHaveLength(1);
		expect(modulesOf(bus, /@aws-sdk\/client-s3\//).length).toBeGreaterThan(0);
	});

	test('names no variable that configures a repository or the repair queue', async () => {
		const text = await readFile(sessionServer.file, 'utf8');
		expect(text).toContain('LEASEHOLD_CONTROL_TABLE');
		expect(text).not.toMatch(/LEASEHOLD_(SESSION_(TABLE|BUCKET)|REPAIR_QUEUE_URL)/);
	});
});

describe('the session server’s environment', () => {
	test('names no table but the control table, no bucket, no queue, and no endpoint of S3 or SQS', () => {
		const environment = sessionServerEnvironment(
			{ dynamodb: 'http://dynamodb', lambda: 'http://lambda' },
			localIssuers({ url: 'http://issuer', audience: 'local', jwksUri: 'http://issuer/jwks.json' }),
		);
		const values = Object.values(environment).join('\n');
		expect(environment['LEASEHOLD_CONTROL_TABLE']).toBe(tables.controlTable);
		expect(values).not.toContain(tables.sessionTable);
		expect(values).not.toContain(sessionBucket);
		expect(values).not.toContain(repairQueue.name);
		expect(Object.keys(environment).filter((name) => /S3|BUCKET|SESSION_TABLE|SQS|QUEUE/.test(name))).toEqual([]);
	});
});
