import type { LogEntry, LogPage } from '../../local/lambda/log-buffer.ts';
import type { Clients } from '../load/clients.ts';

/**
 * Collects the warnings and errors of the functions' processes, and the reasons why they could not
 * answer. Each is listed once, with its count. A drill prints them if a request failed.
 */
export async function complaints(clients: Clients): Promise<readonly string[]> {
	const { entries } = (await clients.control('GET', '/logs')) as LogPage;
	const counts = new Map<string, number>();
	for (const entry of entries) {
		const complaint = complaintIn(entry);
		if (complaint !== undefined) counts.set(complaint, (counts.get(complaint) ?? 0) + 1);
	}
	return [...counts].map(([complaint, count]) => `${count} × ${complaint}`);
}

function complaintIn({ process, record, text }: LogEntry): string | undefined {
	const functionName = process.replace(/-\d+$/, '');
	if (record === undefined) return text === undefined || text === '' ? undefined : `${functionName}: ${text}`;
	const { level, message, unavailable, reason, malformed } = record;
	if (level === 'info' && unavailable === undefined) return undefined;
	const why = [unavailable, reason, malformed].filter((each) => each !== undefined);
	return `${functionName}: ${[message, ...why].join(': ')}`;
}
