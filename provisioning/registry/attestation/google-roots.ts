/** A root that chains may end at: told by its key, because Google issues new certificates for the same key. */
export interface AttestationRoot {
	/** As its certificate names it. */
	readonly name: string;
	/** SHA-256 of its SubjectPublicKeyInfo, lower-case hex. */
	readonly publicKeySha256: string;
}

/**
 * Google's two roots (developer.android.com/privacy-and-security/security-key-attestation, android/keyattestation roots.json): RSA 4096
 * since Android 7, P-384 since 2025. They are what counts until the lender's first own list, and what a new list is compared with, so
 * that a root nobody has heard of is never taken over without a word.
 */
export const GOOGLE_ROOTS: readonly AttestationRoot[] = [
	{
		name: "serialNumber=f92009e853b6b045",
		publicKeySha256: "feb2ea7551ee316ed4bb443c8293b884dbfdea40b603ee3e4f4a897e4580fbae",
	},
	{
		name: "CN=Key Attestation CA1,OU=Android,O=Google LLC,C=US",
		publicKeySha256: "3ee44512a1af2beb39c889490c60ea3f82e43f5d5a5532f5ab9419f676cd07ec",
	},
];
