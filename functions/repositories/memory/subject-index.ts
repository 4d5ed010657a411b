import type { SubjectEntry, SubjectIndex } from '../subject-index.ts';

/**
 * An index in memory, for tests and the simulation. Each operation takes effect when it is called.
 */
export function createMemorySubjectIndex(): SubjectIndex {
	const subjects = new Map<string, readonly SubjectEntry[]>();
	return {
		name: 'dynamodb',
		read: async (subject) => ({ kind: 'read', entries: subjects.get(subject) ?? [] }),
		change: async (subject, decide) => {
			const { outcome, entries } = decide(subjects.get(subject) ?? []);
			if (entries !== undefined) subjects.set(subject, entries);
			return { kind: 'decided', outcome };
		},
	};
}
