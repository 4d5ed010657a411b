import type { SubjectEntry, SubjectIndex, UsedToken } from '../subject-index.ts';

/**
 * An index in memory, for tests and the simulation. Each operation takes effect when it is called.
 */
export function createMemorySubjectIndex(): SubjectIndex {
	const subjects = new Map<string, readonly SubjectEntry[]>();
	const tokens = new Map<string, readonly UsedToken[]>();
	return {
		name: 'dynamodb',
		read: async (subject) => ({ kind: 'read', entries: subjects.get(subject) ?? [] }),
		change: async (subject, decide) => {
			const stored = tokens.get(subject) ?? [];
			const { outcome, entries, used = stored } = decide(subjects.get(subject) ?? [], stored);
			if (entries !== undefined) {
				subjects.set(subject, entries);
				tokens.set(subject, used);
			}
			return { kind: 'decided', outcome };
		},
	};
}
