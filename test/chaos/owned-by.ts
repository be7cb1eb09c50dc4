import { execFileSync } from "node:child_process";

/** Gives a folder and all in it to an account. */
export async function ownedBy(account: string, folder: string): Promise<void> {
	execFileSync("chown", ["-R", `${account}:${account}`, folder], { timeout: 10_000 });
}
