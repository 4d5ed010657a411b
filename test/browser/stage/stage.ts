import type { BrowserContext } from 'playwright-core';
import { type Region, type RegionOptions, startRegion } from '../../../local/region.ts';
import { checkAnswers } from '../../support/api-contract/checked-api.ts';
import { makeCertificate } from './certificate.ts';
import { type Cookies, startChromium } from './chromium.ts';
import { startTlsFront } from './tls-front.ts';

/** Hosts with TLS, and browsers for them. */
export interface Stage {
	/** @default all cookies */
	openBrowser(cookies?: Cookies): Promise<BrowserContext>;
	/** Starts a region as the only target of `host`, in place of the one that was there. */
	startRegion(host: string, options?: RegionOptions): Promise<Region>;
	/** Ends everything. */
	close(): Promise<void>;
}

/** @param hosts the names that exist. Those without a region have an empty page. */
export async function openStage(hosts: readonly string[]): Promise<Stage> {
	const certificate = await makeCertificate(hosts);
	const targets: Record<string, string> = {};
	const regions = new Map<string, Region>();
	const front = await startTlsFront(certificate, targets);
	const cleanups = [front.close];
	const answers = checkAnswers();
	return {
		async openBrowser(cookies = 'all') {
			const { context, close } = await startChromium(Number(new URL(front.url).port), certificate, cookies);
			cleanups.push(close);
			return context;
		},
		async startRegion(host, options = {}) {
			await regions.get(host)?.stop();
			const { onAnswer } = answers;
			const region = await startRegion({ instances: 1, busInstances: 2, protocol: 'https', onAnswer, ...options });
			cleanups.push(region.stop);
			regions.set(host, region);
			targets[host] = region.url;
			return region;
		},
		async close() {
			for (const clean of cleanups.splice(0).reverse()) await clean();
			answers.failIfUndocumented();
		},
	};
}
