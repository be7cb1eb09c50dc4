import { describe, expect, test } from "vitest";

import { runScript } from "./phone-shell/run.ts";
import { testPhone } from "./test-phone.ts";
import { NO_STDIN } from "./userland/command.ts";

async function sh(script: string, phone = testPhone()): Promise<[stdout: string, stderr: string, exitCode: number] | undefined> {
	const ended = await runScript(phone, script, NO_STDIN);
	if (!ended) return undefined;
	const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
	return [text(ended.stdout), text(ended.stderr), ended.exitCode];
}

describe("the in-process phone's shell", () => {
	test.each([
		["echo a  b 'c  d' \"e  f\"", "a b c  d e  f\n"],
		["echo 'it'\\''s' '$HOME;id'", "it's $HOME;id\n"],
		["echo one; echo two\necho three", "one\ntwo\nthree\n"],
		["true && echo yes || echo no; false && echo yes || echo no", "yes\nno\n"],
		["false; echo $?; ! false; echo $?", "1\n0\n"],
		// biome-ignore lint/suspicious/noTemplateCurlyInString: the phone's shell expands it
		["x='a b'; echo $x; echo \"$x\" ${y:-none}", "a b\na b none\n"],
		["x='a  b'; for w in $x c; do echo \"<$w>\"; done", "<a>\n<b>\n<c>\n"],
		["echo $(echo in; echo side) `echo back`", "in side back\n"],
		["if [ 3 -gt 2 ]; then echo more; else echo less; fi", "more\n"],
		["i=0; while [ $i -lt 3 ]; do echo $i; i=$((i + 1)); done", "0\n1\n2\n"],
		["(exit 3); echo $?", ""],
		["printf 'a\\nb\\n' | grep b | wc -l", "1\n"],
		["f() { echo $1 $#; shift; echo \"$@\"; return 4; }; f a 'b c' d; echo $?", "a 3\nb c d\n4\n"],
		["case package:/x in package:*) echo found;; *) echo not;; esac", "found\n"],
		// biome-ignore lint/suspicious/noTemplateCurlyInString: the phone's shell expands it
		["p=package:/a/b; echo ${p#package:} ${p%/*} ${p##*/}", "/a/b package:/a b\n"],
		["nosuch 2>&1 | grep -c inaccessible", "1\n"],
		["echo gone >/dev/null; echo kept > /data/local/tmp/f; cat < /data/local/tmp/f", "kept\n"],
		["getprop ro.serialno | tr -d '\\n'; echo", "VH000001\n"],
	])("%s", async (script, stdout) => {
		if (script.startsWith("(exit 3)")) expect((await sh(script))?.[2]).toBe(3);
		else expect((await sh(script))?.[0]).toBe(stdout);
	});

	test("ends with the last command's code, or the one it was told", async () => {
		expect((await sh("dpm remove-active-admin x/.Y"))?.[2]).toBe(255);
		expect((await sh("exit 9; echo never"))?.slice(0, 3)).toEqual(["", "", 9]);
	});

	test("keeps what it cannot write, read or parse apart from what it does", async () => {
		expect(await sh("echo x > /system/build.prop")).toEqual([
			"",
			"/system/bin/sh: can't create /system/build.prop: Read-only file system\n",
			1,
		]);
		expect((await sh("echo 'open"))?.[2]).toBe(2);
		expect((await sh("if true; then echo x"))?.[1]).toContain("syntax error");
	});

	test("ends without an answer where the cable is pulled", async () => {
		expect(await sh("id; id; id", testPhone({ faults: ["unplug:atCommand=2"] }))).toBeUndefined();
	});
});
