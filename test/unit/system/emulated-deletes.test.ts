import { createServer } from 'node:http';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isConflict } from '../../../functions/repositories/s3/object.ts';
import { createS3Client } from '../../../functions/system/aws/s3-client.ts';
import { type Listener, listen } from '../../../local/system/listen.ts';

/** An S3 with one object, that refuses conditional deletes as LocalStack does. */
let etag: string | undefined;
let headStatus: number | undefined;
let s3: Listener;
const seen: string[] = [];

beforeEach(async () => {
	[etag, headStatus] = ['"1"', undefined];
	seen.length = 0;
	const server = createServer(({ method, headers }, response) => {
		seen.push(`${method}${headers['if-match'] === undefined ? '' : ' if-match'}`);
		if (method === 'HEAD') {
			const status = headStatus ?? (etag === undefined ? 404 : 200);
			return response.writeHead(status, etag === undefined ? {} : { etag }).end();
		}
		if (headers['if-match'] !== undefined) {
			response.writeHead(501, { 'content-type': 'application/xml' });
			return response.end('<Error><Code>NotImplemented</Code><Header>If-Match</Header></Error>');
		}
		etag = undefined;
		return response.writeHead(204).end();
	});
	s3 = await listen(server);
	vi.stubEnv('AWS_REGION', 'us-east-1');
	vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody');
	vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing');
	vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.url);
});
afterEach(async () => {
	vi.unstubAllEnvs();
	await s3.close();
});

/** Removes the object if its ETag is still `"1"`, as a repair does with a corrupt record. */
async function remove(environment: NodeJS.ProcessEnv = process.env) {
	const command = new DeleteObjectCommand({ Bucket: 'bucket', Key: 'sessions/a.json', IfMatch: '"1"' });
	try {
		await createS3Client(environment).send(command);
		return 'removed';
	} catch (error) {
		return isConflict(error) ? 'conflict' : 'failed';
	}
}

test('an emulator that refuses the condition of a delete is asked for the ETag, and then deletes', async () => {
	expect(await remove()).toBe('removed');
	expect([seen, etag]).toEqual([['DELETE if-match', 'HEAD', 'DELETE'], undefined]);
});

test.each([['"2"'], [undefined]])('an object that has another ETag (%s) is not deleted', async (now) => {
	etag = now;
	expect(await remove()).toBe('conflict');
	expect([seen, etag]).toEqual([['DELETE if-match', 'HEAD'], now]);
});

test('nothing is deleted if the ETag cannot be read', async () => {
	headStatus = 403;
	expect(await remove()).toBe('failed');
	expect(etag).toBe('"1"');
});

test('without an emulator’s endpoint in the environment, a refused condition deletes nothing', async () => {
	expect(await remove({})).toBe('failed');
	expect([seen, etag]).toEqual([['DELETE if-match'], '"1"']);
});
