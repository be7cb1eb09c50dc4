import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/**
 * The tests of theupdateframework/tuf-conformance (eec841c) and what holds the same here: a test of ours by its sentence, or
 * why there is nothing to hold. TUF's roles distribute files: what is about file names, hashes of targets, delegated target
 * roles and caches has no counterpart on a wire that carries whole messages.
 */
const NO_FILES = "no files are distributed: whole messages travel, and their hash stands in the Binding";
const NO_SNAPSHOT = "no snapshot role: one key set holds every role";
const NO_DELEGATION = "no delegation below the five roles";
const NO_FETCH = "no client that fetches: envelopes are brought, and a missing one is no message";

const TABLE: Record<string, { test: string; file: string } | { none: string }> = {
	// test_basic.py
	test_basic_refresh_requests: { none: NO_FETCH },
	test_basic_refresh_trusted_data: { file: "roles", test: "is trusted when the root thresholds of both versions signed it" },
	test_implicit_refresh: { none: NO_FETCH },
	test_invalid_initial_root: { file: "roles", test: "is refused when it is invalid, however well signed" },
	test_unsigned_initial_root: { file: "roles", test: "is refused with one signature of two, one key's twice, or strangers'" },
	test_unsigned_metadata: { file: "envelope", test: "unsigned" },
	test_url_and_metadata_version_mismatch: {
		file: "roles",
		test: "is refused with a link left out, turned round or repeated, and when it is empty",
	},
	test_timestamp_content_changes: {
		file: "envelope",
		test: "is refused with any one bit flipped, when its one signature is needed",
	},
	test_basic_metadata_hash_support: { none: NO_FILES },
	test_targets_hash_mismatch: { none: NO_FILES },
	test_snapshot_hash_mismatch: { none: NO_SNAPSHOT },
	test_metadata_bytes_match: { file: "envelope", test: "gives the message, the signed bytes and who signed" },
	test_custom_fields: { file: "codec", test: "ends where its fields end: unknown fields of every wire type are refused" },
	test_deprecated_keyid_hash_algorithms: { file: "crypto", test: "are the first 16 bytes of the point's SHA-256" },
	test_snapshot_404: { none: NO_FETCH },
	test_targets_404: { none: NO_FETCH },
	test_timestamp_404: { none: NO_FETCH },
	test_incorrect_metadata_type: {
		file: "envelope",
		test: "of another kind: what was signed as a binding is no order, and cannot be relabelled",
	},
	test_faketime: { file: "roles", test: "is current until the second before it expires" },
	// test_expiration.py
	test_root_expired: {
		file: "roles",
		test: "may come after the trusted root has expired: a late lender can still replace its keys",
	},
	test_timestamp_expired: { file: "roles", test: "is refused from an expired role, unless expiry must not matter" },
	test_snapshot_expired: { none: NO_SNAPSHOT },
	test_targets_expired: {
		file: "roles",
		test: "is accepted from the role that is current when another that signed it has expired",
	},
	test_expired_local_root: {
		file: "roles",
		test: "may come after the trusted root has expired: a late lender can still replace its keys",
	},
	test_expired_local_timestamp: { file: "roles", test: "is refused from an expired role, unless expiry must not matter" },
	// test_file_download.py
	test_client_downloads_expected_file: { none: NO_FILES },
	test_client_downloads_expected_file_in_sub_dir: { none: NO_FILES },
	test_repository_substitutes_target_file: { none: NO_FILES },
	test_multiple_changes_to_target: { none: NO_FILES },
	test_download_with_hash_algorithms: { none: NO_FILES },
	test_download_with_unknown_hash_algorithm: { none: NO_FILES },
	test_artifact_cache: { none: NO_FILES },
	// test_keys.py
	test_snapshot_does_not_meet_threshold: { file: "envelope", test: "count different keys" },
	test_snapshot_has_too_few_keys: { file: "roles", test: "with %s is not" }, // "a threshold above the number of keys"
	test_duplicate_keys: { file: "envelope", test: "count a key under two ids once" },
	test_duplicate_sig_keyids: { file: "envelope", test: "with two signatures under one id, even of an unknown key" },
	test_keytype_and_scheme: { file: "crypto", test: "takes only an uncompressed point on the curve, and never throws" },
	test_invalid_sig_in_valid_metadata: {
		file: "envelope",
		test: "may hold signatures of unknown keys and bad ones: they count for nothing",
	},
	// test_quoting_issues.py
	test_unusual_role_name: { file: "codec", test: "that spells an object's inner names is only text" },
	// test_rollback.py
	test_new_timestamp_version_rollback: { file: "roles", test: "is refused with an older version or a lower epoch" },
	test_snapshot_rollback: { none: NO_SNAPSHOT },
	test_targets_role_removal: { file: "roles", test: "without role %d is not" },
	test_targets_fast_forward_recovery: { file: "roles", test: "is refused with an older version or a lower epoch" }, // a higher epoch is accepted
	test_new_snapshot_fast_forward_recovery: { none: NO_SNAPSHOT },
	test_new_timestamp_fast_forward_recovery: { file: "roles", test: "is refused with an older version or a lower epoch" },
	test_targets_rollback: { file: "roles", test: "is refused with an older version or a lower epoch" },
	// test_static_repositories.py
	test_static_repository: { file: "roles", test: "walks five root rotations, one at a time" },
	// test_updater_delegation_graphs.py
	test_graph_traversal: { none: NO_DELEGATION },
	test_targetfile_search: { none: NO_DELEGATION },
	test_cached_role_is_verified_against_current_delegator: { none: NO_DELEGATION },
	test_delegation_not_in_snapshot: { none: NO_DELEGATION },
	// test_updater_key_rotations.py
	test_root_rotation: { file: "roles", test: "is refused when signed by %s" },
	test_non_root_rotations: { file: "roles", test: "is accepted from either of them, and says which" },
};

describe("the TUF conformance tests", () => {
	it("are all answered", () => {
		expect(Object.keys(TABLE).length).toBe(53);
	});

	const held = Object.entries(TABLE).flatMap(([name, answer]) => ("test" in answer ? [{ name, ...answer }] : []));

	it.each(held)("$name: $test", ({ file, test }) => {
		const source = readFileSync(fileURLToPath(new URL(`./${file}.test.ts`, import.meta.url)), "utf8");
		expect(source).toContain(`"${test}`);
	});
});
