import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A certificate of an authority that is made for one run of the tests. */
export interface TestCertificate {
	/** The private key, as PEM. */
	readonly key: string;
	/** The certificate and that of the authority, as PEM. */
	readonly cert: string;
	/** The SHA-256 hash of the authority's public key, as base64. The browser trusts no other. */
	readonly authorityHash: string;
}

/** @param hosts the names that the certificate is for */
export async function makeCertificate(hosts: readonly string[]): Promise<TestCertificate> {
	const folder = await mkdtemp(join(tmpdir(), 'leasehold-certificate-'));
	try {
		const openssl = (...args: readonly string[]) => promisify(execFile)('openssl', args, { cwd: folder });
		const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
		await openssl(
			'req',
			'-x509',
			...newKey,
			'-days',
			'2',
			'-subj',
			'/CN=Leasehold test authority',
			...out('authority'),
		);
		await openssl('req', ...newKey, '-subj', '/CN=Leasehold test', ...out('server'));
		await writeFile(join(folder, 'names'), `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`);
		const signed = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial', '-days', '2'];
		await openssl('x509', '-req', '-in', 'server.pem', ...signed, '-extfile', 'names', '-out', 'signed.pem');
		const read = (name: string) => readFile(join(folder, name), 'utf8');
		const authority = await read('authority.pem');
		const publicKey = new X509Certificate(authority).publicKey.export({ type: 'spki', format: 'der' });
		return {
			key: await read('server.key'),
			cert: `${await read('signed.pem')}${authority}`,
			authorityHash: createHash('sha256').update(publicKey).digest('base64'),
		};
	} finally {
		await rm(folder, { recursive: true });
	}
}

function out(name: string): readonly string[] {
	return ['-keyout', `${name}.key`, '-out', `${name}.pem`];
}
