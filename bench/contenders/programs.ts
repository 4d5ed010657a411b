import { sessionSeconds } from '../session-seconds.ts';

/** The routes of a contender. */
interface Routes {
	readonly login: string;
	readonly decide: string;
	readonly change: string;
	readonly logout: string;
}

interface Program {
	/** Its name for readers. */
	readonly title: string;
	/** The module in `bench/peers/` that exports the handler. */
	readonly file: string;
	readonly routes: Routes;
	readonly isLeasehold: boolean;
	readonly usesPeerTable: boolean;
	readonly usesRedis: boolean;
	/** Whether every instance knows every session. */
	readonly isShared: boolean;
	/** The longest time for which a session is used after its logout, in seconds. */
	readonly revocationLagSeconds: number;
	/** Packages whose versions belong to its figures. */
	readonly packages: readonly string[];
}

const peerRoutes: Routes = {
	login: 'POST /login',
	decide: 'GET /decide',
	change: 'POST /change',
	logout: 'POST /logout',
};

const leaseholdRoutes: Routes = {
	login: 'POST /v1/sessions',
	decide: 'GET /v1/authorize?service=profile',
	change: 'PATCH /v1/session',
	logout: 'DELETE /v1/session',
};

const peer = {
	routes: peerRoutes,
	isLeasehold: false,
	usesPeerTable: false,
	usesRedis: false,
	isShared: true,
	revocationLagSeconds: 0,
} as const;

/** As long as a session lasts. Nobody can revoke a token before that. */
const untilItExpires = sessionSeconds;

const express = ['express', 'express-session', 'serverless-http'];

export const programs = {
	leasehold: {
		...peer,
		title: 'Leasehold',
		file: 'leasehold',
		routes: leaseholdRoutes,
		isLeasehold: true,
		revocationLagSeconds: 2,
		packages: [],
	},
	'express-memory': {
		...peer,
		title: 'express-session, memory store',
		file: 'express-memory',
		isShared: false,
		packages: express,
	},
	'connect-dynamodb': {
		...peer,
		title: 'connect-dynamodb',
		file: 'connect-dynamodb',
		usesPeerTable: true,
		packages: [...express, 'connect-dynamodb'],
	},
	'connect-redis': {
		...peer,
		title: 'connect-redis',
		file: 'connect-redis',
		usesRedis: true,
		packages: [...express, 'connect-redis', 'redis'],
	},
	'get-item': { ...peer, title: 'bare DynamoDB read', file: 'get-item', usesPeerTable: true, packages: [] },
	'better-auth': {
		...peer,
		title: 'better-auth',
		file: 'better-auth',
		usesRedis: true,
		packages: ['better-auth', 'redis'],
	},
	'better-auth-cookie-cache': {
		...peer,
		title: 'better-auth, cookie cache',
		file: 'better-auth-cookie-cache',
		usesRedis: true,
		revocationLagSeconds: 300,
		packages: ['better-auth', 'redis'],
	},
	'iron-session': {
		...peer,
		title: 'iron-session',
		file: 'iron-session',
		revocationLagSeconds: untilItExpires,
		packages: ['iron-session'],
	},
	jose: { ...peer, title: 'jose', file: 'jose', revocationLagSeconds: untilItExpires, packages: ['jose'] },
	'fast-jwt': {
		...peer,
		title: 'fast-jwt',
		file: 'fast-jwt',
		revocationLagSeconds: untilItExpires,
		packages: ['fast-jwt'],
	},
} as const satisfies Readonly<Record<string, Program>>;

export type ContenderName = keyof typeof programs;
export const contenderNames = Object.keys(programs) as readonly ContenderName[];
