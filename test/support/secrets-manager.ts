import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { listen } from '../../local/system/listen.ts';
import { localAccount } from '../../local/system/local-account.ts';
import { readBody } from '../../local/system/request-body.ts';

interface Version {
	readonly id: string;
	text?: string;
	createdMs: number;
	stages: string[];
}

type Input = Readonly<Record<string, string>> & { readonly VersionStages?: readonly string[] };

/**
 * A Secrets Manager over HTTP with one secret and the behaviour on which a keyring's rotation
 * relies.
 */
export async function startSecretsManager(secretId: string, text: string, nowMs: () => number) {
	const versions: Version[] = [{ id: randomUUID(), text, createdMs: nowMs(), stages: ['AWSCURRENT'] }];
	const state = { isDown: false, lastRotatedMs: undefined as number | undefined };

	const at = (stage: string) => versions.find(({ stages }) => stages.includes(stage));
	const unstage = (stage: string) => {
		for (const version of versions) version.stages = version.stages.filter((name) => name !== stage);
	};

	const operations: Readonly<Record<string, (input: Input) => object>> = {
		DescribeSecret: () => ({
			VersionIdsToStages: Object.fromEntries(versions.map(({ id, stages }) => [id, stages])),
			...(state.lastRotatedMs === undefined ? {} : { LastRotatedDate: state.lastRotatedMs / 1_000 }),
		}),
		GetSecretValue: ({ VersionId, VersionStage = 'AWSCURRENT' }) => {
			const version = at(VersionStage);
			if (version?.text === undefined || (VersionId !== undefined && version.id !== VersionId))
				throw new Refusal('ResourceNotFoundException');
			return { SecretString: version.text, VersionId: version.id, CreatedDate: version.createdMs / 1_000 };
		},
		PutSecretValue: ({ ClientRequestToken, SecretString, VersionStages = [] }) => {
			const known = versions.find(({ id }) => id === ClientRequestToken);
			if (known?.text !== undefined && known.text !== SecretString) throw new Refusal('ResourceExistsException');
			const version = known ?? { id: ClientRequestToken ?? '', createdMs: 0, stages: [] };
			if (known === undefined) versions.push(version);
			Object.assign(version, { text: SecretString, createdMs: nowMs() });
			for (const stage of VersionStages.filter((name) => !version.stages.includes(name))) {
				unstage(stage);
				version.stages.push(stage);
			}
			return {};
		},
		UpdateSecretVersionStage: ({ VersionStage = '', MoveToVersionId, RemoveFromVersionId }) => {
			const to = versions.find(({ id }) => id === MoveToVersionId);
			if (to === undefined || at(VersionStage)?.id !== RemoveFromVersionId)
				throw new Refusal('InvalidParameterException');
			unstage(VersionStage);
			to.stages.push(VersionStage);
			return {};
		},
	};

	const server = createServer(async (request, response) => {
		const read = await readBody(request, 1_000_000);
		if (read.kind !== 'read') return;
		const answer = (status: number, body: object) =>
			response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
		if (state.isDown) return answer(500, { __type: 'InternalServiceError' });
		const input = JSON.parse(read.body.toString()) as Input;
		const operation = operations[String(request.headers['x-amz-target']).replace(/^.*\./, '')];
		try {
			if (operation === undefined || input['SecretId'] !== secretId) throw new Refusal('ResourceNotFoundException');
			answer(200, operation(input));
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			answer(400, { __type: error.message });
		}
	});
	const { url, close } = await listen(server);

	return {
		client: new SecretsManagerClient({ ...localAccount, endpoint: url, maxAttempts: 1 }),
		state,
		close,
		text: () => at('AWSCURRENT')?.text ?? '',
		/** Gives the secret a new content, as an operator does. */
		replace: (replacement: string) => {
			unstage('AWSPREVIOUS');
			for (const version of versions)
				version.stages = version.stages.map((stage) => (stage === 'AWSCURRENT' ? 'AWSPREVIOUS' : stage));
			versions.push({ id: randomUUID(), text: replacement, createdMs: nowMs(), stages: ['AWSCURRENT'] });
		},
		/** Adds a version without content, with which a rotation begins. */
		beginRotation: () => {
			unstage('AWSPENDING');
			const id = randomUUID();
			versions.push({ id, createdMs: nowMs(), stages: ['AWSPENDING'] });
			return id;
		},
		endRotation: () => {
			state.lastRotatedMs = nowMs();
		},
	};
}

class Refusal extends Error {}
