import { createMemoryRepository } from '../../functions/repositories/memory-repository.ts';
import { repositoryContract } from './repository-contract.ts';

repositoryContract('memory', async () => {
	const repository = createMemoryRepository();
	return { open: () => repository };
});
