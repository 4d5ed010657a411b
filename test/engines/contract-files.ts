import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineService } from './engine.ts';

const folder = fileURLToPath(new URL('../contract/', import.meta.url));

/**
 * The contract's test files that need no services but these. Each file's text shows which services
 * it starts.
 */
export function contractFilesOn(services: readonly EngineService[]): readonly string[] {
	return readdirSync(folder)
		.filter((name) => name.endsWith('.test.ts'))
		.map((name) => join(folder, name))
		.filter((file) => servicesOf(readFileSync(file, 'utf8')).every((service) => services.includes(service)));
}

/** The calls that start each service, in `test/support/engines`. */
const starts = { dynamodb: 'startDynamoDb(', s3: 'startS3(', sqs: 'startSqs(', secrets: 'startSecrets(' } as const;

/**
 * A file that starts no service tests memory adapters, mocks or the embedded services, and not an
 * engine's service.
 */
export function servicesOf(text: string): readonly EngineService[] {
	const started = (['dynamodb', 's3', 'sqs', 'secrets'] as const).filter((service) => text.includes(starts[service]));
	return started.length > 0 ? started : ['memory'];
}
