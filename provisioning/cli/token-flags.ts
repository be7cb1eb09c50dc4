import { type Command, InvalidArgumentError, Option } from "commander";

import type { Crypto } from "../../proto/crypto.ts";
import { ONLINE_ROLES, type OnlineRole } from "../registry/keys/key-folder.ts";
import type { MakeOnlineKey } from "../registry/keys/make-online-key.ts";
import { createTokens, makeKeysInToken } from "../registry/keys/pkcs11/token-keys.ts";
import { UsageError } from "./usage-error.ts";

/** Flags that say where new online keys are made. */
export interface TokenFlags {
	readonly provider: "file" | "pkcs11";
	readonly providerRoles: readonly OnlineRole[];
	readonly module?: string;
	readonly tokenLabel?: string;
	readonly keyLabel: string;
	readonly pinFile?: string;
}

/** All but the one that signs an answer to every check-in: a file is many times faster than most tokens. */
const USUALLY_IN_A_TOKEN: readonly OnlineRole[] = ["command", "enroll", "release"];

export function withTokenFlags(command: Command): Command {
	return command
		.addOption(new Option("--provider <kind>", "where new online keys are made").choices(["file", "pkcs11"]).default("file"))
		.option(
			"--provider-roles <roles>",
			"with pkcs11: roles whose keys are in the token (default: command,enroll,release)",
			roles,
			USUALLY_IN_A_TOKEN,
		)
		.option("--module <file>", "with pkcs11: the token's library, such as /usr/lib/softhsm/libsofthsm2.so")
		.option("--token-label <label>", "with pkcs11: the token")
		.option("--key-label <prefix>", "with pkcs11: beginning of the keys' labels; role and version follow", "holdfast")
		.option("--pin-file <file>", "with pkcs11: file or descriptor that holds the user PIN; the registry reads it at each start");
}

/** @param inFiles makes the keys of all other roles. */
export function keyMakerOf(crypto: Crypto, flags: TokenFlags, inFiles: MakeOnlineKey): MakeOnlineKey {
	if (flags.provider === "file") return inFiles;
	const { module, tokenLabel: token, pinFile } = flags;
	if (module === undefined || token === undefined || pinFile === undefined)
		throw new UsageError("--provider pkcs11 needs --module, --token-label and --pin-file");
	const inToken = makeKeysInToken(crypto, createTokens(), { module, token, pinFile }, flags.keyLabel);
	return (role, version) => (flags.providerRoles.includes(role) ? inToken : inFiles)(role, version);
}

/** Reads `command,heartbeat`. */
export function roles(text: string): OnlineRole[] {
	return text.split(",").map(roleNamed);
}

export function roleNamed(name: string): OnlineRole {
	const role = ONLINE_ROLES.find((each) => each === name);
	if (!role) throw new InvalidArgumentError(`roles are ${ONLINE_ROLES.join(", ")}.`);
	return role;
}
