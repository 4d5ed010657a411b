import type { ServiceConditions } from '../../../local/services/faults.ts';
import type { Listener } from '../../../local/system/listen.ts';
import { localAccount } from '../../../local/system/local-account.ts';
import { clientLimits, nobodysEndpoint, type TestedService, testedService } from './tested-service.ts';

/** Embedded services answer within milliseconds. This leaves room for a busy machine. */
const patientMs = 5_000;

/** A service in the process of the test. */
export function embeddedService<Client extends { destroy(): void }>(
	listener: Listener,
	conditions: ServiceConditions,
	create: (settings: ReturnType<typeof settingsOf>) => Client,
): TestedService<Client> {
	return testedService(conditions, {
		service: (timeoutMs) => create(settingsOf(listener.url, timeoutMs)),
		nobody: () => create(settingsOf(nobodysEndpoint, patientMs)),
		patientMs,
		close: listener.close,
	});
}

function settingsOf(endpoint: string, timeoutMs: number) {
	return { endpoint, ...localAccount, ...clientLimits(timeoutMs) };
}
