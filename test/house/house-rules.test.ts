import { createContext, runInContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";

import { PayloadType, seal } from "../../proto/envelope.ts";
import { wire } from "../../proto/wire.ts";
import { newSigner } from "../proto/test-signer.ts";
import { arrowViolations, BROWSER_TRANSPORTS, PORTABLE_ROOMS, roomOf } from "./arrows.ts";
import {
	defaultExportViolations,
	LONG_FILE_LINES,
	longFiles,
	nameViolations,
	TOO_LONG_FILE_LINES,
	topLevelViolations,
} from "./file-rules.ts";
import { bundleForAnywhere, CANCELLATION_GLOBALS, compileAlone } from "./portability.ts";
import { schemaViolations } from "./schema-rules.ts";
import { readSourceTree } from "./source-tree.ts";
import { textViolations } from "./text-rules.ts";

const tree = readSourceTree();

/** The rooms that QuickJS runs, and those that only browsers run as well. */
const QUICKJS_ROOMS = ["proto", "agent/policy", "agent/daemon", "agent/hosts/engine"];
const BROWSER_ROOMS = ["provisioning/handset", "provisioning/procedure", "provisioning/audit", "provisioning/simulation"];

/** Files of rooms: only those of at least one, for a room may not be built yet. */
function filesOf(rooms: readonly string[]): string[] {
	return [...tree.keys()].filter((path) => path.endsWith(".ts") && rooms.includes(roomOf(path)));
}

describe("the house", () => {
	it("is read: every room that is built has files", () => {
		expect(filesOf(["proto"]).length).toBeGreaterThan(8);
		expect(filesOf([...PORTABLE_ROOMS]).length).toBe(filesOf([...QUICKJS_ROOMS, ...BROWSER_ROOMS]).length);
	});

	it("keeps its imports along the arrows", { timeout: 120_000 }, () => {
		expect(arrowViolations(tree)).toEqual([]);
	});

	it("names files for what is in them, in kebab-case", () => {
		expect(nameViolations(tree)).toEqual([]);
	});

	it("has no file of two things", () => {
		const long = longFiles(tree, LONG_FILE_LINES);
		if (long.length > 0)
			console.warn(`past ${LONG_FILE_LINES} lines: ${long.map(({ path, lines }) => `${path} (${lines})`).join(", ")}`);
		expect(longFiles(tree, TOO_LONG_FILE_LINES)).toEqual([]);
	});

	it("exports nothing by default", () => {
		expect(defaultExportViolations(tree)).toEqual([]);
	});

	it("speaks of itself alone", () => {
		expect(textViolations(tree)).toEqual([]);
	});

	it("has a tidy top folder", () => {
		expect(topLevelViolations(tree)).toEqual([]);
	});

	it("explains every message and field of its schemas", () => {
		expect(schemaViolations(tree)).toEqual([]);
	});
});

describe("the portable rooms", { timeout: 120_000 }, () => {
	const probe = { "probe.ts": "export const leaks = [Buffer, process, setTimeout, TextDecoder, fetch, window, console];\n" };

	it("compile with nothing but ECMAScript: proto, and the agent but for its hosts on a platform", async () => {
		expect(await compileAlone(QUICKJS_ROOMS, "export {};\n")).toEqual([]);
	});

	it("compile with that and the ways to cancel: handset and procedure", async () => {
		expect(await compileAlone(BROWSER_ROOMS, CANCELLATION_GLOBALS)).toEqual([]);
	});

	it("would not compile with a name of Node's or a browser's", async () => {
		const errors = await compileAlone(["proto"], "export {};\n", probe);
		for (const name of ["Buffer", "process", "setTimeout", "TextDecoder", "fetch", "window", "console"]) {
			expect(errors.some((error) => error.includes("probe.ts") && error.includes(`'${name}'`))).toBe(true);
		}
	});

	it("bundle for no platform, all packages included", async () => {
		expect((await bundleForAnywhere(filesOf([...QUICKJS_ROOMS, ...BROWSER_ROOMS]))).length).toBeGreaterThan(100_000);
	});
});

describe("the transports of a browser", { timeout: 120_000 }, () => {
	it("are those named for WebUSB, with all that they import free of Node", async () => {
		const bundled = await bundleForAnywhere(BROWSER_TRANSPORTS);
		expect(bundled).toContain("requestDevice");
		expect(BROWSER_TRANSPORTS.filter((path) => !tree.has(path))).toEqual([]);
	});

	it("are told from the others: one for Node does not bundle", async () => {
		await expect(bundleForAnywhere(["provisioning/transport/tcp.ts"])).rejects.toThrow("node:");
	});
});

describe("the room of vouchers", { timeout: 120_000 }, () => {
	it("runs in a browser too: it bundles for no platform", async () => {
		expect(await bundleForAnywhere(filesOf(["provisioning/vouchers"]))).toContain("VOUCHER_MISSING");
	});
});

describe("the wire and the agent in a bare realm", () => {
	/** ECMAScript alone, as QuickJS has it. */
	let realm: object;
	let before: string[];

	beforeAll(async () => {
		const bundle = await bundleForAnywhere(filesOf(QUICKJS_ROOMS));
		realm = createContext({});
		before = globalsOf();
		runInContext(bundle, realm);
	});

	const globalsOf = () => runInContext("Object.getOwnPropertyNames(globalThis)", realm) as string[];

	it("load without a host and leave no global behind", () => {
		expect(globalsOf().filter((name) => !before.includes(name))).toEqual(["bundle"]);
	});

	it("accept what Node sealed, and give the same message", async () => {
		const signer = newSigner();
		const notice = { noticeId: "日本 ".repeat(30), texts: [{ language: "hi", text: "किस्त" }] };
		const bytes = await seal(wire.Order, PayloadType.order, { epoch: 1, sequence: 2 ** 31, notice }, [signer]);
		Object.assign(realm, { given: { bytes: [...bytes], point: [...signer.publicKey], keyid: signer.keyid } });
		const accepted: unknown = runInContext(
			`const key = { keyid: given.keyid, point: Uint8Array.from(given.point) };
			JSON.stringify(bundle.accept(bundle.nobleCrypto, bundle.wire.Order, bundle.PayloadType.order, Uint8Array.from(given.bytes), [key]).message)`,
			realm,
		);
		expect(JSON.parse(String(accepted))).toMatchObject({ sequence: 2 ** 31, action: "notice", notice });
	});
});
