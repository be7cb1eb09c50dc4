import { faultError } from "./fault.ts";
import { plainLine } from "./plain-text.ts";
import type { HandsetPort } from "./port.ts";

const MAX_NAME = 64;
const MAX_NAMES = 128;

/**
 * Restrictions that a policy holds on the phone's main user, by Android's names (`no_factory_reset`). Those that the maker or the
 * user set count as the phone's own and are left out.
 *
 * @throws {FaultError} the link's; UNCLASSIFIED if the phone does not tell.
 */
export async function readRestrictions(port: HandsetPort): Promise<readonly string[]> {
	const { stdout, stderr } = await port.shell(["dumpsys", "user"]);
	const restrictions = readUserRestrictions(stdout);
	if (restrictions) return restrictions;
	throw faultError("UNCLASSIFIED", {
		raw: `${stdout}\n${stderr}`,
		details: { asked: "which restrictions hold" },
	});
}

/**
 * Reads the block of user 0 in `dumpsys user` (UserManagerService.dump): headings such as `Restrictions:`, `Device policy
 * global restrictions:`, `Effective restrictions:`, each followed by indented names or `none`.
 */
export function readUserRestrictions(text: string): readonly string[] | undefined {
	const lines = text.replaceAll("\r", "").split("\n");
	const start = lines.findIndex((line) => /^\s*UserInfo\{0:/.test(line));
	if (start < 0) return undefined;
	const lists = new Map<string, string[]>();
	let list: string[] | undefined;
	for (const line of lines.slice(start + 1)) {
		if (/^\s*UserInfo\{/.test(line)) break;
		const heading = /^((?:[\w ]+ )?restrictions):$/i.exec(line.trim())?.[1]?.toLowerCase();
		if (heading !== undefined) {
			list = [];
			lists.set(heading, list);
		} else if (/^\s+[A-Za-z_][\w.]*$/.test(line) && list && list.length < MAX_NAMES) list.push(plainLine(line, MAX_NAME));
		else list = undefined;
	}
	const effective = lists.get("effective restrictions");
	if (!effective) return undefined;
	const own = lists.get("restrictions") ?? [];
	return effective.filter((name) => name !== "none" && name !== "null" && !own.includes(name));
}
