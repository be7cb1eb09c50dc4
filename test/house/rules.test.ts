// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the examples are source text
import { describe, expect, it } from "vitest";

import { arrowViolations, roomOf } from "./arrows.ts";
import { defaultExportViolations, longFiles, nameViolations, topLevelViolations } from "./file-rules.ts";
import { importsOf } from "./imports.ts";
import { schemaViolations } from "./schema-rules.ts";
import { textViolations } from "./text-rules.ts";

const treeOf = (files: Record<string, string>) => new Map(Object.entries(files));
const manifest = { "package.json": '{"dependencies":{"xstate":"5","@noble/curves":"2"},"devDependencies":{"esbuild":"0"}}' };

describe("reading imports", () => {
	const specifiers = (text: string) =>
		importsOf(text).map(({ specifier, isDynamic }) => (isDynamic ? `(${specifier})` : specifier));

	it.each([
		['import "a.ts";', ["a.ts"]],
		["import 'a.ts';", ["a.ts"]],
		['import { a } from "a.ts";', ["a.ts"]],
		['import type { A } from "a.ts";', ["a.ts"]],
		['import {\n\ta,\n\ttype B,\n} from "a.ts";\nimport c from "c";', ["a.ts", "c"]],
		['export * from "a.ts"; export { b } from "b.ts"; export type { C } from "c.ts";', ["a.ts", "b.ts", "c.ts"]],
		['import { a } from /* why */ "a.ts";', ["a.ts"]],
		['const a = await import("a.ts");', ["(a.ts)"]],
		['const a = await import(\n\t// why\n\t"a.ts"\n);', ["(a.ts)"]],
		['type A = import("a.ts").A;', ["(a.ts)"]],
		['const a = require("a");', ["(a)"]],
		["const a = await import(path);", ["(undefined)"]],
		["const a = await import(`./${name}.ts`);", ["(undefined)"]],
		['const a = await import("./" + name);', ["(undefined)"]],
	])("finds %j", (text, expected) => {
		expect(specifiers(text)).toEqual(expected);
	});

	it.each([
		'// import "a.ts";',
		'/* import { a } from "a.ts"; */',
		'const text = `import "a.ts"; ${`from "b.ts"`}`;',
		`const text = 'import "a.ts";';`,
		'const from = "a.ts";',
		'const a = Array.from("abc");',
		'const a = /import "a.ts"/;',
		'const quote = /["/]/; const b = c / d; // from "a.ts"',
		'console.log("from", "a.ts");',
		"const url = import.meta.url;",
		'loader.load("a.ts");',
	])("finds nothing in %j", (text) => {
		expect(specifiers(text)).toEqual([]);
	});

	it("finds what comes after anything that looks like a comment or a string", () => {
		const text = 'const a = /["\'`/*]/g; const b = "//"; const c = `${d["}"]} /*`; const e = 4 / 2; import "x.ts"; // "';
		expect(specifiers(text)).toEqual(["x.ts"]);
	});
});

describe("arrows", () => {
	const one = (path: string, text: string) => arrowViolations(treeOf({ ...manifest, [path]: text }));

	it.each([
		["proto/roles.ts", 'import { a } from "./codec.ts";'],
		["proto/wire.ts", 'import { holdfast } from "./generated/holdfast.js";'],
		["proto/noble-crypto.ts", 'import { p256 } from "@noble/curves/nist.js";'],
		["agent/policy/machine.ts", 'import { setup } from "xstate";'],
		["agent/daemon/handle.ts", 'import type { A } from "../policy/machine.ts"; import "../../proto/codec.ts";'],
		["agent/hosts/node/host.ts", 'import "../../daemon/handle.ts"; import "node:fs";'],
		["provisioning/transport/tcp.ts", 'import "../handset/port.ts"; import "node:net";'],
		["provisioning/procedure/enroll.ts", 'import "../handset/port.ts"; import "./step.ts"; import "../../proto/imei.ts";'],
		["provisioning/registry/server.ts", 'import "../procedure/registry-port.ts"; import "../handset/fault.ts";'],
		[
			"provisioning/station/slot.ts",
			'import "../procedure/enroll.ts"; import "../transport/tcp.ts"; import "../registry/clients/registry-client.ts";',
		],
		[
			"provisioning/web/station/app.tsx",
			'import "../../station/view.ts"; import "./slot.tsx"; import en from "./languages/en.json" with { type: "json" };',
		],
		["provisioning/cli/sim.ts", 'const lab = await import("../../test/lab/lab.ts");'],
		["test/agent/x.test.ts", 'import "../../provisioning/cli/main.ts"; import "fast-check"; await import(path);'],
		["scripts/bench.ts", 'import "../test/lab/lab.ts"; import "esbuild";'],
	])("let %s say %j", (path, text) => {
		expect(one(path, text)).toEqual([]);
	});

	it.each([
		["proto/codec.ts", 'import "../agent/policy/machine.ts";', "proto may not import agent/policy"],
		["proto/codec.ts", 'import type { A } from "../provisioning/handset/port.ts";', "proto may not import provisioning/handset"],
		["agent/policy/floor.ts", 'import "../daemon/handle.ts";', "agent/policy may not import agent/daemon"],
		["agent/daemon/handle.ts", 'import "../hosts/node/host.ts";', "agent/daemon may not import agent/hosts/node"],
		["agent/hosts/node/host.ts", 'import "../../../provisioning/handset/port.ts";', "may not import provisioning/handset"],
		["provisioning/handset/agent-channel.ts", 'import "../../agent/daemon/handle.ts";', "may not import agent/daemon"],
		["provisioning/audit/floor.ts", 'import "../../agent/policy/floor.ts";', "may not import agent/policy"],
		[
			"provisioning/handset/port.ts",
			'import "../procedure/step.ts";',
			"provisioning/handset may not import provisioning/procedure",
		],
		["provisioning/procedure/enroll.ts", 'import "../transport/tcp.ts";', "may not import provisioning/transport"],
		["provisioning/procedure/enroll.ts", 'type R = import("../registry/server.ts").R;', "may not import provisioning/registry"],
		[
			"provisioning/registry/server.ts",
			'import "../handset/facts.ts";',
			"provisioning/registry may not import provisioning/handset",
		],
		["provisioning/registry/server.ts", 'import "../procedure/enroll.ts";', "may not import provisioning/procedure"],
		["provisioning/station/slot.ts", 'import "../cli/output.ts";', "nothing imports provisioning/cli"],
		["provisioning/registry/pages.ts", 'import "../web/desk.ts";', "nothing imports provisioning/web"],
		["scripts/demo.ts", 'import "../provisioning/cli/main.ts";', "nothing imports provisioning/cli"],
		["provisioning/cli/sim.ts", 'import { lab } from "../../test/lab/lab.ts";', "only when it is asked for"],
		["provisioning/cli/sim.ts", 'await import("../../test/proto/test-signer.ts");', "does not import its tests"],
		["agent/policy/floor.ts", 'import "../../test/lab/lab.ts";', "does not import its tests"],
		["agent/policy/floor.ts", "await import(name);", "a computed import"],
		["agent/policy/floor.ts", 'import { readFile } from "node:fs/promises";', "a portable room uses no Node module"],
		["proto/codec.ts", 'import { Buffer } from "buffer";', "a Node module is named node:"],
		["provisioning/handset/port.ts", 'export * from "node:events";', "a portable room uses no Node module"],
		["agent/daemon/handle.ts", 'import { build } from "esbuild";', "not devDependencies"],
		["agent/daemon/handle.ts", 'import "../policy/floor.js";', "ends in .ts or .tsx"],
		["agent/daemon/handle.ts", 'import "../../proto/generated/holdfast.js";', "from proto/wire.ts"],
		["provisioning/web/desk/app.tsx", 'import "../../transport/tcp.ts";', "may not import provisioning/transport"],
		["provisioning/web/station/app.tsx", 'import "../../station/server/metrics.ts";', "may not import provisioning/station"],
		["provisioning/station/slot.ts", 'import "../web/station/grid-fit.ts";', "nothing imports provisioning/web"],
		["proto/codec.ts", 'import "./words.json";', "ends in .ts or .tsx"],
		["test/x.test.ts", 'import "../../elsewhere/x.ts";', "outside the repository"],
	])("do not let %s say %j: %s", (path, text, why) => {
		const [violation, ...more] = one(path, text);
		expect(violation).toContain(why);
		expect(more).toEqual([]);
	});

	it("know the innermost room", () => {
		expect(roomOf("agent/hosts/node/host.ts")).toBe("agent/hosts/node");
		expect(roomOf("test/lab/lab.ts")).toBe("test/lab");
		expect(roomOf("test/labels.ts")).toBe("test");
	});
});

describe("files", () => {
	it.each(["agent/utils.ts", "proto/helpers/codec.ts", "provisioning/common/x.ts", "test/misc.test.ts", "agent/policy/util.ts"])(
		"are not called %s",
		(path) => {
			expect(nameViolations(treeOf({ [path]: "" })).length).toBe(1);
		},
	);

	it.each(["agent/policy/trustedTime.ts", "agent/Policy/x.ts", "proto/low_s.ts", "proto/-x.ts", "provisioning/web/App.tsx"])(
		"are kebab-case, not %s",
		(path) => {
			expect(nameViolations(treeOf({ [path]: "" }))).toEqual([expect.stringContaining("kebab-case")]);
		},
	);

	it("may be called this", () => {
		const paths = [
			"proto/low-s.ts",
			"test/vitest.config.ts",
			"test/x/a-b.test.ts",
			"agent/policy/machine.types.test.ts",
			"agent/Host.java",
		];
		expect(nameViolations(treeOf(Object.fromEntries(paths.map((path) => [path, ""]))))).toEqual([]);
	});

	it("are counted in lines", () => {
		const lines = (count: number) => "x\n".repeat(count);
		const tree = treeOf({ "a.ts": lines(300), "b.ts": lines(301), "c.ts": lines(451), "d.json": lines(900) });
		expect(longFiles(tree, 300)).toEqual([
			{ path: "c.ts", lines: 451 },
			{ path: "b.ts", lines: 301 },
		]);
		expect(longFiles(treeOf({ "test/lab/faults.ts": lines(900) }), 300)).toEqual([]);
	});

	it("export nothing by default", () => {
		const tree = treeOf({
			"a.ts": "export default 1;\n",
			"b.ts": "export { a as default };\n",
			"c.config.ts": "export default {};\n",
			"d.ts": "export const defaults = 1;\n// export default\n",
		});
		expect(defaultExportViolations(tree).map((violation) => violation.slice(0, 4))).toEqual(["a.ts", "b.ts"]);
	});

	it("have their place in the top folder", () => {
		expect(topLevelViolations(treeOf({ "README.md": "", "proto/x.ts": "", "src/x.ts": "", "notes.txt": "" }))).toEqual([
			"src: the top folder has no place for it",
			"notes.txt: the top folder has no place for it",
		]);
	});
});

describe("texts", () => {
	it.each([
		`see ${["", "work", "a", "proto"].join("/")}`, // put together, or this file would say it itself
		"cd /root/x",
		'const path = "/home/ann/key.pem";',
		"(/Users/ann/x)",
		"as knowledge/protocol.md says",
		"see design.md",
		"spikes/tango",
		"(design section 4)",
	])("do not say %j", (line) => {
		expect(textViolations(treeOf({ "a.md": `fine\n${line}\n` }))).toEqual([expect.stringContaining("a.md:2: ")]);
	});

	it.each([
		"/data/local/tmp/agent.apk",
		"https://example.org/home/ann",
		"./work/x",
		"$HOME/work/x",
		"a network/home/x",
		"GET /work",
		"common knowledge",
	])("may say %j", (line) => {
		expect(textViolations(treeOf({ "a.md": line }))).toEqual([]);
	});
});

describe("schemas", () => {
	const schema = (body: string) => schemaViolations(treeOf({ "proto/x.proto": body }));

	it("explain every message, enum and field", () => {
		expect(
			schema(`syntax = "proto3";
// A.
message A {
  // One.
  string one = 1;
  oneof what {
    // Two.
    B two = 2;
  }
  // Three.
  repeated uint64 three = 3; // and more
}

// B.
message B {}

// E.
enum E {
  E_UNSPECIFIED = 0;
  E_ONE = 1;
}
`),
		).toEqual([]);
	});

	it.each([
		["message A {}", "message A has no comment"],
		["// A.\n\nmessage A {}", "message A has no comment"],
		["enum E {\n  E_UNSPECIFIED = 0;\n}", "enum E has no comment"],
		["// A.\nmessage A {\n  string one = 1; // after\n}", "field one has no comment"],
		["// A.\nmessage A {\n  // One.\n  string one = 1;\n  string two = 2;\n}", "field two has no comment"],
		["// A.\nmessage A {\n  oneof what {\n    B two = 2;\n  }\n}", "field two has no comment"],
		["// A.\nmessage A {\n  // One.\n  double one = 1;\n}", "field one is double"],
		["// A.\nmessage A {\n  // One.\n  map<string, string> one = 1;\n}", "field one is map<string, string>"],
		["// A.\nmessage A {\n  // One.\n  repeated sint64 one = 1;\n}", "field one is sint64"],
	])("%j: %s", (body, why) => {
		expect(schema(body)).toEqual([expect.stringContaining(why)]);
	});
});
