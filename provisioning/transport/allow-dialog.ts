import { type AdbAuthenticator, AdbPublicKeyAuthenticator, AdbSignatureAuthenticator } from "@yume-chan/adb";

/**
 * Signs the phone's token with a key that it may know; else offers our public key, which makes the phone show its dialog.
 *
 * @param shown called each time the key is offered: a person has to tap "Allow" now.
 */
export function askingForAllow(shown: () => void): readonly AdbAuthenticator[] {
	return [
		AdbSignatureAuthenticator,
		async function* (credentialStore, getNextRequest) {
			for await (const packet of AdbPublicKeyAuthenticator(credentialStore, getNextRequest)) {
				shown();
				yield packet;
			}
		},
	];
}
