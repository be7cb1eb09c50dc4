import type { AdbCredentialStore } from "@yume-chan/adb";
import WebKeyStore from "@yume-chan/adb-credential-web";

/**
 * The RSA key by which phones know this browser on this site, in its IndexedDB. It stands there as it is: the phone's token is
 * signed without hashing it, which WebCrypto's own, unreadable keys cannot do. Clearing the site's data means tapping "Allow"
 * again.
 *
 * @param name what the phone's dialog shows before the site's host name.
 */
export function webUsbKeyStore(name: string): AdbCredentialStore {
	return new WebKeyStore(name);
}
