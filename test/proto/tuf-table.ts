/** What answers a test of TUF's: a test of ours by its sentence, with what is different; or why there is nothing to hold. */
export type TufAnswer =
	| {
			/** From the project's root. */
			readonly file: string;
			/** How the test's title begins, as it stands in the file. */
			readonly test: string;
			/** Where we hold something else than TUF, and why. */
			readonly differs?: string;
	  }
	| { readonly none: string };

const NO_FILES = "no files are distributed: whole messages travel, and their hash stands in the Binding";
const NO_SNAPSHOT = "no snapshot role: one key set holds every role";
const NO_DELEGATION = "no delegation below the five roles";
const NO_FETCH = "no client that fetches: envelopes are brought, and a missing one is no message";

const ROLES = "test/proto/roles.test.ts";
const ENVELOPE = "test/proto/envelope.test.ts";
const CODEC = "test/proto/codec.test.ts";
const CRYPTO = "test/proto/crypto.test.ts";
const ORDERS = "test/agent/daemon/orders.test.ts";
const COMPROMISE = "test/provisioning/registry/keys/compromise.test.ts";

/**
 * The 53 tests of theupdateframework/tuf-conformance (eec841c), in their order, and what holds the same here. Its three tests of its own
 * workings are left out. TUF's roles distribute files: what is about file names, hashes of targets, delegated target roles and caches
 * has no counterpart on a wire that carries whole messages.
 */
export const TUF_TABLE: Readonly<Record<string, TufAnswer>> = {
	// test_basic.py
	test_basic_refresh_requests: { none: NO_FETCH },
	test_basic_refresh_trusted_data: { file: ROLES, test: "is trusted when the root thresholds of both versions signed it" },
	test_implicit_refresh: { none: NO_FETCH },
	test_invalid_initial_root: { file: ROLES, test: "is refused when it is invalid, however well signed" },
	test_unsigned_initial_root: { file: ROLES, test: "is refused with one signature of two, one key's twice, or strangers'" },
	test_unsigned_metadata: { file: ENVELOPE, test: "unsigned" },
	test_url_and_metadata_version_mismatch: {
		file: ROLES,
		test: "is refused with a link left out, turned round or repeated, and when it is empty",
	},
	test_timestamp_content_changes: {
		file: ENVELOPE,
		test: "is refused with any one bit flipped, when its one signature is needed",
	},
	test_basic_metadata_hash_support: { none: NO_FILES },
	test_targets_hash_mismatch: { none: NO_FILES },
	test_snapshot_hash_mismatch: { none: NO_SNAPSHOT },
	test_metadata_bytes_match: { file: ENVELOPE, test: "gives the message, the signed bytes and who signed" },
	test_custom_fields: {
		file: CODEC,
		test: "ends where its fields end: unknown fields of every wire type are refused",
		differs: "the other way round: TUF carries unknown fields along, here a message has one encoding and no room for more",
	},
	test_deprecated_keyid_hash_algorithms: { file: CRYPTO, test: "are the first 16 bytes of the point's SHA-256" },
	test_snapshot_404: { none: NO_FETCH },
	test_targets_404: { none: NO_FETCH },
	test_timestamp_404: { none: NO_FETCH },
	test_incorrect_metadata_type: {
		file: ENVELOPE,
		test: "of another kind: what was signed as a binding is no order, and cannot be relabelled",
	},
	test_faketime: { file: ROLES, test: "is current until the second before it expires" },
	// test_expiration.py
	test_root_expired: {
		file: ROLES,
		test: "may come after the trusted root has expired: a late lender can still replace its keys",
		differs: "TUF refuses a root that has expired; a phone must not be cut off from newer keys because its lender was late",
	},
	test_timestamp_expired: { file: ROLES, test: "is refused from an expired role, unless expiry must not matter" },
	test_snapshot_expired: { none: NO_SNAPSHOT },
	test_targets_expired: {
		file: ORDERS,
		test: "by an expired command key, if it tightens; if it loosens it is",
		differs: "what loosens is taken from an expired role: its end is the lender's negligence, not the borrower's",
	},
	test_expired_local_root: {
		file: ROLES,
		test: "may come after the trusted root has expired: a late lender can still replace its keys",
	},
	test_expired_local_timestamp: { file: ORDERS, test: "prove themselves: whoever lost every online key can still send them" },
	// test_file_download.py
	test_client_downloads_expected_file: { none: NO_FILES },
	test_client_downloads_expected_file_in_sub_dir: { none: NO_FILES },
	test_repository_substitutes_target_file: { none: NO_FILES },
	test_multiple_changes_to_target: { none: NO_FILES },
	test_download_with_hash_algorithms: { none: NO_FILES },
	test_download_with_unknown_hash_algorithm: { none: NO_FILES },
	test_artifact_cache: { none: NO_FILES },
	// test_keys.py
	test_snapshot_does_not_meet_threshold: { file: ENVELOPE, test: "count different keys" },
	test_snapshot_has_too_few_keys: { file: ROLES, test: "with %s is not" },
	test_duplicate_keys: { file: ENVELOPE, test: "count a key under two ids once" },
	test_duplicate_sig_keyids: { file: ENVELOPE, test: "with two signatures under one id, even of an unknown key" },
	test_keytype_and_scheme: { file: CRYPTO, test: "takes only an uncompressed point on the curve, and never throws" },
	test_invalid_sig_in_valid_metadata: {
		file: ENVELOPE,
		test: "may hold signatures of unknown keys and bad ones: they count for nothing",
	},
	// test_quoting_issues.py
	test_unusual_role_name: { file: CODEC, test: "that spells an object's inner names is only text" },
	// test_rollback.py
	test_new_timestamp_version_rollback: { file: ROLES, test: "is refused with an older version or a lower epoch" },
	test_snapshot_rollback: { none: NO_SNAPSHOT },
	test_targets_role_removal: {
		file: ROLES,
		test: "without role %d is not",
		differs: "no role can be taken away at all: without release or heartbeat keys a phone could be locked but not freed",
	},
	test_targets_fast_forward_recovery: {
		file: COMPROMISE,
		test: "can give time away and use up every sequence, but locks nobody below the floor",
	},
	test_new_snapshot_fast_forward_recovery: { none: NO_SNAPSHOT },
	test_new_timestamp_fast_forward_recovery: {
		file: ORDERS,
		test: "of a new epoch start sequences anew, and end a fast-forward attack",
	},
	test_targets_rollback: { file: ROLES, test: "is refused with an older version or a lower epoch" },
	// test_static_repositories.py
	test_static_repository: { file: ROLES, test: "walks five root rotations, one at a time" },
	// test_updater_delegation_graphs.py
	test_graph_traversal: { none: NO_DELEGATION },
	test_targetfile_search: { none: NO_DELEGATION },
	test_cached_role_is_verified_against_current_delegator: { none: NO_DELEGATION },
	test_delegation_not_in_snapshot: { none: NO_DELEGATION },
	// test_updater_key_rotations.py
	test_root_rotation: { file: ROLES, test: "is refused when signed by %s" },
	test_non_root_rotations: {
		file: COMPROMISE,
		test: "a phone that was away for two of them, root keys and epoch changed, step by step in one check-in",
	},
};
