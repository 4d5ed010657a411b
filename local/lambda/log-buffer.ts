export interface LogEntry {
	/** Counts from 1 without gaps. */
	readonly sequence: number;
	readonly atMs: number;
	/** Name of the process that wrote the line. */
	readonly process: string;
	readonly stream: 'stdout' | 'stderr';
	/** The parsed line, if it is a JSON object. */
	readonly record?: Readonly<Record<string, unknown>>;
	/** The line, if it is not a JSON object. */
	readonly text?: string;
}

export interface LogPage {
	readonly entries: readonly LogEntry[];
	/** The value of `since` for the next request: the sequence number of the last line. */
	readonly next: number;
	/** How many lines after `since` had already been dropped. */
	readonly dropped: number;
}

/** Keeps the last lines that the functions' processes wrote. */
export interface LogBuffer {
	append(process: string, stream: LogEntry['stream'], line: string): void;
	/** Returns the lines after sequence number `since`. */
	since(since: number): LogPage;
}

/** Some minutes of a busy drill, or a few megabytes. */
const entriesMax = 20_000;

export function createLogBuffer(onEntry?: (entry: LogEntry) => void): LogBuffer {
	const ring: LogEntry[] = [];
	let last = 0;
	return {
		append(process, stream, line) {
			last += 1;
			const entry: LogEntry = { sequence: last, atMs: Date.now(), process, stream, ...parseLine(line) };
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

function parseLine(line: string): Pick<LogEntry, 'record' | 'text'> {
	if (line.startsWith('{')) {
		try {
			return { record: JSON.parse(line) };
		} catch {
			// Not JSON.
		}
	}
	return { text: line };
}
