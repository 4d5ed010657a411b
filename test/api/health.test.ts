import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RegionClient, startRegionClient } from './region-client.ts';

let client: RegionClient;

beforeAll(async () => {
	client = await startRegionClient();
});

afterEach(async () => {
	for (const service of ['control', 'lambda', 'dynamodb', 's3'])
		await client.control('PUT', `/services/${service}`, { fault: 'none' });
});

afterAll(async () => {
	await client.region.stop();
});

/** What was seen is kept for a second. */
const soon = { timeout: 10_000, interval: 200 };

async function health() {
	const { status, json } = await client.call('GET', '/health');
	return { http: status, ...json };
}

describe('health', () => {
	const allAnswer = { controlTable: true, bus: true, repositories: { dynamodb: true, s3: true } };

	it('is ok while everything answers', async () => {
		await expect.poll(health, soon).toEqual({ http: 200, status: 'ok', dependencies: allAnswer });
	});

	it('answers HEAD, with which some watch it, without a body', async () => {
		const { status, text } = await client.call('HEAD', '/health');
		expect({ status, text }).toEqual({ status: 200, text: '' });
	});

	const cases: readonly (readonly [string, string, readonly string[], object])[] = [
		['degraded', 'DynamoDB is', ['dynamodb'], { repositories: { dynamodb: false, s3: true } }],
		['degraded', 'S3 is', ['s3'], { repositories: { dynamodb: true, s3: false } }],
		['degraded', 'the control table is', ['control'], { controlTable: false }],
		['unavailable', 'both repositories are', ['dynamodb', 's3'], { repositories: { dynamodb: false, s3: false } }],
		['unavailable', 'the bus is', ['lambda'], { bus: false, repositories: {} }],
	];
	for (const [status, what, away, differing] of cases)
		it(`is ${status} while ${what} away, which it names, and ok again afterwards; the instance answers 200 throughout`, async () => {
			for (const service of away) await client.control('PUT', `/services/${service}`, { fault: 'error' });
			const dependencies = { ...allAnswer, ...differing };
			await expect.poll(health, soon).toEqual({ http: 200, status, dependencies });
			for (const service of away) await client.control('PUT', `/services/${service}`, { fault: 'none' });
			await expect.poll(health, soon).toEqual({ http: 200, status: 'ok', dependencies: allAnswer });
		});
});
