export interface LogEntry {
	/** Counts from 1, without gaps. */
	readonly sequence: number;
	readonly atMs: number;
	/** The process that said it. */
	readonly process: string;
	readonly stream: 'stdout' | 'stderr';
	/** The line, parsed where it is a JSON object. */
	readonly record?: Readonly<Record<string, unknown>>;
	readonly text?: string;
}

export interface LogPage {
	readonly entries: readonly LogEntry[];
	/** What to ask for next time: the sequence of the last line that there is. */
	readonly next: number;
	/** How many lines after the one asked for had already been dropped. */
	readonly dropped: number;
}

/** The last lines that the functions' processes wrote. */
export interface LogBuffer {
	append(process: string, stream: LogEntry['stream'], line: string): void;
	/** Lines after sequence number `since`. */
	since(since: number): LogPage;
}

/** Some minutes of a busy drill; a few megabytes. */
const entriesMax = 20_000;

export function createLogBuffer(onEntry?: (entry: LogEntry) => void): LogBuffer {
	const ring: LogEntry[] = [];
	let last = 0;
	return {
		append(process, stream, line) {
			last += 1;
			const entry: LogEntry = { sequence: last, atMs: Date.now(), process, stream, ...parsed(line) };
			ring[last % entriesMax] = entry;
			onEntry?.(entry);
		},
		since(since) {
			const from = Math.max(since + 1, last - entriesMax + 1, 1);
			const entries: LogEntry[] = [];
			for (let sequence = from; sequence <= last; sequence += 1) {
				const entry = ring[sequence % entriesMax];
				if (entry) entries.push(entry);
			}
			return { entries, next: last, dropped: Math.max(0, from - since - 1) };
		},
	};
}

function parsed(line: string): Pick<LogEntry, 'record' | 'text'> {
	if (line.startsWith('{')) {
		try {
			return { record: JSON.parse(line) };
		} catch {
			// Not JSON after all.
		}
	}
	return { text: line };
}
