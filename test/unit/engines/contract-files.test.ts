import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { contractFilesOn, servicesOf } from '../../engines/contract-files.ts';
import { engineServices } from '../../engines/engine.ts';

const names = (files: readonly string[]) => files.map((file) => basename(file));

test('an engine with every service runs every test file of the contract', () => {
	const every = names(contractFilesOn(engineServices));
	for (const name of ['memory-repository.test.ts', 's3-conflicts.test.ts', 'sqs-repair-queue.test.ts'])
		expect(every).toContain(name);
});

test('an engine without SQS and S3 runs the files that need only DynamoDB', () => {
	const files = contractFilesOn(['dynamodb']);
	expect(names(files)).toContain('dynamodb-repository.test.ts');
	expect(names(files)).toContain('dynamodb-control-table.test.ts');
	for (const file of files) expect(servicesOf(readFileSync(file, 'utf8'))).toEqual(['dynamodb']);
});

test('no test file of the contract uses an embedded service instead of the engine’s', () => {
	for (const file of contractFilesOn(engineServices))
		expect(readFileSync(file, 'utf8'), basename(file)).not.toMatch(/support\/engines\/embedded-engine\.ts/);
});

test('a file needs the services that it starts', () => {
	expect(servicesOf('await startDynamoDb(); await startS3();')).toEqual(['dynamodb', 's3']);
	expect(servicesOf('createMemoryRepository()')).toEqual(['memory']);
});
