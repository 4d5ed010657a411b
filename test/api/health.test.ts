import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
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

/** An instance keeps the outcome of a check for a second. */
const soon = { timeout: 10_000, interval: 200 };

async function health() {
	const { status, json } = await client.call('GET', '/health');
	return { http: status, ...json };
}

describe('health', () => {
	const allAnswer = { controlTable: true, bus: true, repositories: { dynamodb: true, s3: true } };

	test('is ok while every dependency answers', async () => {
		await expect.poll(health, soon).toEqual({ http: 200, status: 'ok', dependencies: allAnswer });
	});

	test('answers HEAD, which some monitors use, without a body', async () => {
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
	for (const [status, what, down, differing] of cases)
		test(`is ${status} and names the cause while ${what} down, always with status 200, and ok again afterwards`, async () => {
			for (const service of down) await client.control('PUT', `/services/${service}`, { fault: 'error' });
			const dependencies = { ...allAnswer, ...differing };
			await expect.poll(health, soon).toEqual({ http: 200, status, dependencies });
			for (const service of down) await client.control('PUT', `/services/${service}`, { fault: 'none' });
			await expect.poll(health, soon).toEqual({ http: 200, status: 'ok', dependencies: allAnswer });
		});
});
