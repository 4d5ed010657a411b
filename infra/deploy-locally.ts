/** `npm run deploy:local`, `npm run destroy:local`: the stack on a LocalStack-compatible endpoint. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLocalCdk } from './cdk-locally.ts';
import { localConfiguration } from './local-configuration.ts';

const usage = `Usage: npm run deploy:local -- --issuer URL [--audience NAME]
       npm run destroy:local

The endpoint is AWS_ENDPOINT_URL, or http://localhost:4566. "npm run ministack" starts one.
URL is an issuer whose ID tokens log in; "npm start" has one and prints its address.
`;

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { issuer: { type: 'string' }, audience: { type: 'string', default: 'leasehold-local' } },
});
const [command] = positionals;
const endpoint = process.env['AWS_ENDPOINT_URL'] ?? 'http://localhost:4566';
const { issuer = command === 'destroy' ? 'http://issuer.invalid' : undefined, audience } = values;

if ((command !== 'deploy' && command !== 'destroy') || issuer === undefined) {
	process.stderr.write(usage);
	process.exitCode = 2;
} else {
	const folder = await mkdtemp(join(tmpdir(), 'leasehold-configuration-'));
	try {
		const file = join(folder, 'configuration.json');
		await writeFile(file, JSON.stringify(localConfiguration({ issuer, audience })));
		const onOutput = (text: string) => process.stderr.write(text);
		const cdk = createLocalCdk({ endpoint, environment: process.env, onOutput });
		if (command === 'destroy') await cdk.destroy(file);
		else process.stdout.write(`${(await cdk.deploy(file))['Url']}\n`);
	} finally {
		await rm(folder, { recursive: true });
	}
}
