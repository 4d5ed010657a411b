import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createS3Ledger } from '../../../functions/repositories/s3/ledger.ts';
import { createS3Client } from '../../../functions/system/aws/s3-client.ts';
import { type Listener, listen } from '../../../local/system/listen.ts';
import { freshSessionId } from '../../support/fresh-ids.ts';

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

/** Removes the object as a marker whose revision was `"1"`. */
function remove(environment: NodeJS.ProcessEnv = process.env) {
	return createS3Ledger(createS3Client(environment), 'bucket').removeMarker('dynamodb', freshSessionId(), '"1"');
}

test('an emulator that refuses the condition of a delete is asked for the ETag, and then deletes', async () => {
	expect(await remove()).toEqual({ kind: 'removed' });
	expect([seen, etag]).toEqual([['DELETE if-match', 'HEAD', 'DELETE'], undefined]);
});

test.each([['"2"'], [undefined]])('an object that has another ETag (%s) is not deleted', async (now) => {
	etag = now;
	expect(await remove()).toEqual({ kind: 'conflict' });
	expect([seen, etag]).toEqual([['DELETE if-match', 'HEAD'], now]);
});

test('nothing is deleted if the ETag cannot be read', async () => {
	headStatus = 403;
	expect(await remove()).toMatchObject({ kind: 'failed', reason: 'unavailable' });
	expect(etag).toBe('"1"');
});

test('without an emulator’s endpoint in the environment, a refused condition deletes nothing', async () => {
	expect(await remove({})).toMatchObject({ kind: 'failed', reason: 'unavailable' });
	expect([seen, etag]).toEqual([['DELETE if-match'], '"1"']);
});
