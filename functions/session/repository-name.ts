/** The places where sessions persist. `memory` is for tests and the simulation. */
export const repositoryNames = ['dynamodb', 's3', 'memory'] as const;

export type RepositoryName = (typeof repositoryNames)[number];
