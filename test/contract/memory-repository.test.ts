import { createMemoryRepository } from '../../functions/repositories/memory/repository.ts';
import { exampleStamp } from '../support/example-session.ts';
import { limitedRepositoryContract } from './limited-repository-contract.ts';
import { repositoryContract } from './repository-contract.ts';

limitedRepositoryContract(
	'memory',
	{ a: { stamp: exampleStamp(1), value: 1 }, b: { stamp: exampleStamp(1), value: 1 } },
	async () => {
		const repository = createMemoryRepository('memory', ({ attributes }) => Object.keys(attributes).length < 3);
		return { open: () => repository };
	},
);

repositoryContract('memory', async () => {
	const repository = createMemoryRepository();
	return { open: () => repository };
});
