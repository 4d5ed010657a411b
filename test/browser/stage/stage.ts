import type { Browser } from 'playwright-core';
import { type Region, type RegionOptions, startRegion } from '../../../local/region.ts';
import { makeCertificate } from './certificate.ts';
import { type ChromiumOptions, startChromium } from './chromium.ts';
import { startTlsFront } from './tls-front.ts';

/** A browser, and hosts with TLS for it. */
export interface Stage {
	readonly browser: Browser;
	/** Starts a region as the only target of `host`, in place of the one that was there. */
	startRegion(host: string, options?: RegionOptions): Promise<Region>;
	close(): Promise<void>;
}

/** @param hosts the names that exist. Those without a region have an empty page. */
export async function openStage(hosts: readonly string[], options: ChromiumOptions = {}): Promise<Stage> {
	const cleanups: (() => Promise<unknown>)[] = [];
	const close = async () => {
		for (const clean of cleanups.splice(0).reverse()) await clean();
	};
	try {
		const certificate = await makeCertificate(hosts);
		const targets: Record<string, string> = {};
		const regions = new Map<string, Region>();
		const front = await startTlsFront(certificate, targets);
		cleanups.push(front.close);
		const browser = await startChromium(Number(new URL(front.url).port), certificate, options);
		cleanups.push(() => browser.close());
		return {
			browser,
			async startRegion(host, regionOptions = {}) {
				await regions.get(host)?.stop();
				const region = await startRegion({ instances: 1, busInstances: 2, protocol: 'https', ...regionOptions });
				cleanups.push(region.stop);
				regions.set(host, region);
				targets[host] = region.url;
				return region;
			},
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}
