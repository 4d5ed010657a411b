import type { Keyring } from '../../../functions/access/keyring.ts';
import { isGenuine } from '../../../functions/access/signature.ts';
import { readToken, type Token } from '../../../functions/access/token.ts';
import type { TokenKeys } from '../../../functions/session-server/identity/token-keys.ts';

/**
 * A keyring that never changes. So a text always means the same token, and is read once for all
 * servers.
 */
export function createTokenKeys(keyring: Keyring): TokenKeys {
	const tokens = new Map<string, Promise<Token | 'malformed'>>();
	return {
		read: (text) => {
			const known = tokens.get(text);
			if (known !== undefined) return known;
			const token = Promise.resolve(readToken(keyring, text));
			tokens.set(text, token);
			return token;
		},
		verify: async (session) => (isGenuine(keyring, session) ? 'genuine' : 'forged'),
		forSigning: async () => keyring,
	};
}
