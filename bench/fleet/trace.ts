/** One request of an access log. */
export interface Visit {
	/** Milliseconds since the Unix epoch. */
	readonly atMs: number;
	/** Anything that names the client's session. */
	readonly session: string;
	/** Whether the request changes or ends the session, so that other copies of it are dropped. */
	readonly change: boolean;
}

export interface Trace {
	/** In order of time. */
	readonly visits: readonly Visit[];
	/** Lines that could not be read. */
	readonly skipped: number;
}

/**
 * Reads an access log. Each line has one of these forms:
 *
 * - JSON with `time` (ISO 8601, or milliseconds since the Unix epoch) and `session`. `change: true`
 *   marks a change. Without `session`, the address and the agent of the client name it: `ip` or
 *   `sourceIp`, and `userAgent`
 * - the combined format of Apache and nginx. The user, or else address and agent, names the session
 *
 * @throws if no line can be read
 */
export function parseTrace(text: string): Trace {
	const lines = text.split('\n').filter((line) => line.trim() !== '');
	const visits = lines.flatMap((line) => parseLine(line) ?? []);
	if (visits.length === 0) throw new Error('No line of the access log has a time and a session.');
	return { visits: visits.toSorted((a, b) => a.atMs - b.atMs), skipped: lines.length - visits.length };
}

function parseLine(line: string): Visit | undefined {
	return line.startsWith('{') ? parseJsonLine(line) : parseCombinedLine(line);
}

function parseJsonLine(line: string): Visit | undefined {
	let fields: Readonly<Record<string, unknown>>;
	try {
		fields = JSON.parse(line);
	} catch {
		return undefined;
	}
	const { time, session, ip, sourceIp, userAgent, change } = fields;
	const atMs = typeof time === 'number' ? time : Date.parse(String(time));
	const client = session ?? ([ip ?? sourceIp, userAgent].filter((part) => part !== undefined).join(' ') || undefined);
	if (!Number.isFinite(atMs) || client === undefined) return undefined;
	return { atMs, session: String(client), change: change === true };
}

const combined = /^(\S+) \S+ (\S+) \[(\d+)\/(\w+)\/(\d+):([\d:]+) ([+-]\d+)\] "[^"]*" \d+ \S+(?: "[^"]*" "([^"]*)")?/;

function parseCombinedLine(line: string): Visit | undefined {
	const [, address = '', user = '-', day, month, year, clock, zone, agent = ''] = combined.exec(line) ?? [];
	const atMs = Date.parse(`${day} ${month} ${year} ${clock} ${zone}`);
	if (!Number.isFinite(atMs)) return undefined;
	return { atMs, session: user === '-' ? `${address} ${agent}` : user, change: false };
}
