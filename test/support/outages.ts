import type { Fault, ServiceName } from '../../local/services/faults.ts';
import type { TestedService } from './engines/tested-service.ts';

/** Runs `work` with a port whose calls fail. */
export type Outage<Port> = <Result>(work: (port: Port) => Promise<Result>) => Promise<Result>;

/** Short enough for a test to wait for the failure. */
const impatientMs = 200;

/**
 * All the ways in which a service may fail, by name. `create` makes the port for a client and a
 * table or bucket.
 */
export function outagesOf<Client, Port>(
	service: TestedService<Client>,
	name: ServiceName,
	place: string,
	create: (client: Client, place: string) => Port,
): Readonly<Record<string, Outage<Port>>> {
	const impatient = create(service.client(impatientMs), place);
	const meeting =
		(fault: Fault): Outage<Port> =>
		(work) =>
			service.during(name, fault, () => work(impatient));
	const { clientOfStranger } = service;
	return {
		'internal errors': meeting('error'),
		throttling: meeting('throttle'),
		silence: meeting('hang'),
		'cut connections': meeting('reset'),
		'an endpoint where nobody listens': (work) => work(create(service.clientOfNobody(), place)),
		'a table or bucket that does not exist': (work) => work(create(service.client(), 'no-such-place')),
		...(clientOfStranger && { 'credentials that are not accepted': (work) => work(create(clientOfStranger(), place)) }),
	};
}
