import { busyMonth, lineBytes, publicationSeconds, quietMonth, work } from '../../drills/costs/assumptions.ts';
import { type Bill, billOf, observabilityPerMillionWarm, sumOf } from '../../drills/costs/monthly-bill.ts';
import { type TrialBill, trialBill } from '../../drills/costs/trial-bill.ts';
import { table } from './markdown.ts';

const labels: Readonly<Record<keyof Bill, string>> = {
	api: 'HTTP API',
	transfer: 'data sent to clients',
	lambda: 'Lambda',
	stores: 'DynamoDB and S3, calls',
	keys: 'reads of the token keys',
	logs: 'logs',
	metrics: 'metrics',
	traces: 'traces',
};

/** A month with little traffic and one with much, with the default settings. */
export function costsTable(): string {
	const bills = [quietMonth, busyMonth].map((month) => billOf(month, lineBytes, work));
	const rows = Object.entries(labels).map(([part, label]) => [
		label,
		...bills.map((bill) => dollars(bill[part as keyof Bill])),
	]);
	return table(
		['dollars a month', '1 M authorizations', '100 M authorizations'],
		[...rows, ['together', ...bills.map((bill) => dollars(sumOf(bill)))]],
	);
}

/** Costs of observing a million decisions from memory, by the load of an environment. */
export function observabilityTable(): string {
	const rows = [0.2, 1, 4, 10].map((perSecond) => [
		String(perSecond),
		dollars(observabilityPerMillionWarm(lineBytes, Math.max(1, perSecond * publicationSeconds))),
	]);
	return table(['requests a second in an environment', 'dollars a million'], rows);
}

const trialLabels: Readonly<Record<keyof TrialBill, string>> = {
	use: 'requests, logs and metrics',
	standing: 'keys, alarms and secret, by the hour',
	restore: 'restore, as one GB',
	dashboard: 'dashboard, as a whole month',
};

/** One run of `npm run first-deployment`. */
export function trialCostTable(): string {
	const bill = trialBill();
	const rows = Object.entries(trialLabels).map(([part, label]) => [label, dollars(bill[part as keyof TrialBill])]);
	const sum = Object.values(bill).reduce((total, part) => total + part, 0);
	return table(['what', 'dollars'], [...rows, ['together', dollars(sum)]]);
}

function dollars(value: number): string {
	return value.toFixed(2);
}
