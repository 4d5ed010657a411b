import type { SecretsManagerRotationEvent } from 'aws-lambda';
import { withLiveConnections } from '../system/aws/connections.ts';
import { reportFailedCalls } from '../system/aws/report-failed-calls.ts';
import { createSecretsManagerClient } from '../system/aws/secrets-manager-client.ts';
import { systemClock } from '../system/clock.ts';
import { createFailedCalls } from '../system/failed-calls.ts';
import { createFunctionMetrics } from '../system/function-metrics.ts';
import { consoleLog } from '../system/log.ts';
import { systemRandomBytes } from '../system/random.ts';
import { parseRotateKeysEnvironment } from './deployment/environment.ts';
import { rotationStep } from './rotation-step.ts';
import { createSecretsManagerVersions } from './secrets-manager-versions.ts';

/** The rotation function of the secret with the token keyring. */
const { absoluteMs } = parseRotateKeysEnvironment(process.env);
const metrics = createFunctionMetrics(process.env);
const report = createFailedCalls(consoleLog, metrics, systemClock);
const client = reportFailedCalls(createSecretsManagerClient(), report);

export const handler = withLiveConnections(rotate);

async function rotate(event: SecretsManagerRotationEvent & { RotationToken?: string }): Promise<void> {
	const { Step, SecretId, ClientRequestToken, RotationToken } = event;
	const versions = createSecretsManagerVersions(client, systemClock, SecretId, RotationToken);
	const context = { versions, clock: systemClock, randomBytes: systemRandomBytes, log: consoleLog, absoluteMs };
	try {
		await rotationStep(context, Step, ClientRequestToken);
	} finally {
		metrics.flush();
	}
}
