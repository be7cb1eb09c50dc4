import { expect, test } from "vitest";

import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { readAgentSections } from "../../../provisioning/handset/agent-package.ts";
import { readProps } from "../../../provisioning/handset/build-facts.ts";
import { classifyDpm } from "../../../provisioning/handset/dpm-faults.ts";
import { factsFrom } from "../../../provisioning/handset/facts.ts";
import { readOwnerAnswer } from "../../../provisioning/handset/owner-reading.ts";
import { readParcelString } from "../../../provisioning/handset/parcel.ts";
import { readUserRestrictions } from "../../../provisioning/handset/restrictions.ts";
import { scrubber } from "../../../provisioning/handset/scrub.ts";
import { readSharePage } from "../../../provisioning/registry/codes/escrow-share.ts";
import { parseDeviceList } from "../../../provisioning/transport/device-list.ts";

// One phone that prints a few hundred KiB of nothing must not stop a station with sixty-three others. Nothing is measured here: what takes
// quadratic time takes half an hour at this length, and the test then ends at its limit.
const LENGTH = 512 * 1024;
const printed = (stdout: string) => ({ stdout, stderr: "", exitCode: 0 });
const NEWLINES = "\n".repeat(LENGTH);
const BLANKS = " ".repeat(LENGTH);

test("reads properties that are opened and never closed", () => {
	expect(readProps("[a]: [\n".repeat(LENGTH / 7)).size).toBe(0);
});

test("reads a property's value over several lines, and the last of a name", () => {
	const props = readProps("[a]: [1]\n[b]: [one\n[not]: [a name\ntwo]\n[a]: [2]\n[c]: []]\n[d]: [cut");
	expect([...props]).toEqual([
		["a", "2"],
		["b", "one\n[not]: [a name\ntwo"],
		["c", "]"],
	]);
});

test("reads blanks and newlines for an answer of every command", () => {
	expect(readOwnerAnswer(printed(NEWLINES)).fault?.code).toBe("UNCLASSIFIED");
	expect(readUserRestrictions(`UserInfo{0:\n${BLANKS}x`)).toBeUndefined();
	expect(readParcelString(`Parcel(${BLANKS}x\u2028`)).toHaveProperty("malformed");
	const sections = new Map(
		["pm_path", "pm_dump", "battery", "users", "accounts", "df", "uptime", "owner"].map((name) => [name, printed(NEWLINES)]),
	);
	sections.set("props", printed("[ro.serialno]: [abc]\n"));
	expect(factsFrom(sections).serial).toBe("abc");
	const dump = new Map([
		["pm_path", printed("package:/a\n")],
		["pm_dump", printed(`Package [dev.holdfast.agent]${NEWLINES}`)],
	]);
	expect(readAgentSections(dump)).toMatchObject({ agent: { path: "/a", versionCode: undefined } });
});

test("classifies a refusal that begins over and over", () => {
	const text = "Trying to set the device owner but device owner ".repeat(LENGTH / 48);
	expect(classifyDpm({ stdout: text, stderr: "", exitCode: 1 })).toBe("UNCLASSIFIED");
	const owned = "Trying to set the device owner (p/.R), but device owner (q/.S) is already set.";
	expect(classifyDpm({ stdout: owned, stderr: "", exitCode: 1 })).toBe("DPM_OWNER_EXISTS");
});

test("takes names out of a report that is one long word", () => {
	const { clean } = scrubber(nobleCrypto, new Uint8Array(4));
	expect(clean("a.".repeat(LENGTH / 2))).toHaveLength(LENGTH);
	expect(clean("mail <anna.b+c@mail.example> now")).toMatch(/^mail <<mail:\w{10}>> now$/);
});

test("reads a page of blank lines for an escrow share, and blanks for a list of devices", () => {
	expect(readSharePage(NEWLINES)).toEqual({ problem: "CONTRACT is missing" });
	expect(parseDeviceList(`a no permissions${BLANKS}x\u2028`)).toMatchObject([{ serial: "a", state: "no permissions" }]);
});
