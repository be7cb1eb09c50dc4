import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";

import { Check } from "typebox/value";

import type { Crypto } from "../../../proto/crypto.ts";
import { countSignatures, PayloadType, readEnvelope } from "../../../proto/envelope.ts";
import { ProtocolError } from "../../../proto/error.ts";
import { grantOf } from "../../../proto/roles.ts";
import { wire } from "../../../proto/wire.ts";
import { canonicalJson } from "../access/canonical-json.ts";
import type { LenderKeys } from "../keys/lender-keys.ts";
import { LedgerError } from "./ledger-error.ts";
import { LEDGER_FORM, LedgerEnd, LedgerHead, type LedgerSeal } from "./ledger-head.ts";
import { LedgerChain } from "./ledger-line.ts";

/** Longest line, in characters. A row is a contract's terms at most. */
const MOST_LINE = 4 * 1024 * 1024;

/** One part of a ledger's file. */
export type LedgerPart =
	| { readonly kind: "head"; readonly head: LedgerHead }
	/** `row`: its JSON as it stands there. */
	| { readonly kind: "row"; readonly table: string; readonly row: string; readonly line: number }
	/** The last: all before it is what was signed. */
	| { readonly kind: "end"; readonly end: LedgerEnd; readonly lines: number };

/**
 * Reads a ledger's file and checks every line as it comes. Until the last part came nothing is proven but that no line was damaged:
 * whoever takes rows keeps them apart until then.
 *
 * @param keys of the lender that it must be of: one of its `enroll` keys signed it.
 * @throws {LedgerError} while it is read.
 */
export async function* readLedger(
	path: string,
	keys: Pick<LenderKeys, "lenderId" | "keySets">,
	crypto: Crypto,
): AsyncGenerator<LedgerPart> {
	const chain = new LedgerChain();
	const rows: Record<string, number> = {};
	let head: LedgerHead | undefined;
	let end: LedgerEnd | undefined;
	let table = -1;
	let isSigned = false;
	for await (const line of linesOf(path)) {
		if (isSigned) throw new LedgerError("DAMAGED", "something stands after the signature", chain.lines + 2);
		if (head === undefined) {
			head = readHead(chain, line, keys.lenderId);
			yield { kind: "head", head };
			continue;
		}
		if (end !== undefined) {
			requireSignature(
				line,
				{ exportId: head.exportId, hash: chain.hash, lenderId: head.lenderId, lines: chain.lines },
				keys,
				crypto,
			);
			isSigned = true;
			continue;
		}
		const text = chain.read(line);
		const [, name] = /^\{"t":"([a-z_]+)","r":\{/.exec(text) ?? [];
		if (name === undefined) {
			end = readEnd(text, rows, chain.lines);
			continue;
		}
		// Tables come in the order that the head names them in.
		const index = head.tables.findIndex((each) => each.name === name);
		if (index < table || index < 0) throw new LedgerError("DAMAGED", `rows of ${name} do not belong here`, chain.lines);
		table = index;
		rows[name] = (rows[name] ?? 0) + 1;
		yield { kind: "row", table: name, row: text.slice(`{"t":"${name}","r":`.length), line: chain.lines };
	}
	if (!end || !isSigned) throw new LedgerError("CUT_OFF", "the file ends here, before its signature", chain.lines + 1);
	yield { kind: "end", end, lines: chain.lines + 1 };
}

function readHead(chain: LedgerChain, line: string, lenderId: string): LedgerHead {
	if (!line.startsWith('{"ledger":')) throw new LedgerError("NOT_A_LEDGER", "this is no ledger's file");
	const value = parse(`${chain.read(line)}}`);
	const head: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "ledger") : undefined;
	const form: unknown = typeof head === "object" && head !== null ? Reflect.get(head, "form") : undefined;
	if (typeof form === "number" && form > LEDGER_FORM)
		throw new LedgerError("NEWER_FORM", `form ${form} is newer than this program`, 1);
	if (!Check(LedgerHead, head)) throw new LedgerError("NOT_A_LEDGER", "the head has another shape", 1);
	if (head.lenderId !== lenderId)
		throw new LedgerError(
			"OTHER_LENDER",
			`the file is of lender ${head.lenderId.slice(0, 100)}, these keys are ${lenderId}'s`,
			1,
		);
	return head;
}

function readEnd(text: string, rows: Readonly<Record<string, number>>, line: number): LedgerEnd {
	const value = parse(`${text}}`);
	const end: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "end") : undefined;
	if (!Check(LedgerEnd, end)) throw new LedgerError("DAMAGED", "this is neither a row nor the end", line);
	for (const [name, count] of Object.entries(end.rows)) {
		if ((rows[name] ?? 0) !== count) throw new LedgerError("DAMAGED", `${name}: ${rows[name] ?? 0} of ${count} rows`, line);
	}
	return end;
}

function requireSignature(line: string, seal: LedgerSeal, keys: Pick<LenderKeys, "keySets">, crypto: Crypto): void {
	const refused = (why: string, cause?: unknown) => new LedgerError("NOT_SIGNED", why, seal.lines + 1, { cause });
	const value = parse(line);
	const text: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "signature") : undefined;
	if (typeof text !== "string") throw refused("there is no signature");
	try {
		const envelope = readEnvelope(Buffer.from(text, "base64"), PayloadType.ledger);
		if (Buffer.from(envelope.payload).toString("utf8") !== canonicalJson(seal)) throw refused("the signature is of another file");
		const known = keys.keySets.flatMap((keySet) => grantOf(keySet, wire.Role.ROLE_ENROLL).keys);
		if (countSignatures(crypto, envelope, known).length === 0) throw refused("none of the lender's keys signed it");
	} catch (error) {
		if (error instanceof ProtocolError) throw refused(`the signature cannot be read (${error.code})`, error);
		throw error;
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Lines of a gzip file, one at a time. */
async function* linesOf(path: string): AsyncGenerator<string> {
	const file = createReadStream(path);
	const unpacked = file.pipe(createGunzip());
	file.on("error", (error) => unpacked.destroy(error));
	const decoder = new TextDecoder("utf-8", { fatal: true });
	let [rest, count] = ["", 0];
	try {
		for await (const chunk of unpacked) {
			rest += decoder.decode(chunk, { stream: true });
			const lines = rest.split("\n");
			rest = lines.pop() ?? "";
			if (rest.length > MOST_LINE) throw new LedgerError("DAMAGED", "this line is too long", count + lines.length + 1);
			for (const line of lines) {
				count += 1;
				yield line;
			}
		}
		rest += decoder.decode();
	} catch (error) {
		if (error instanceof LedgerError) throw error;
		throw unreadable(error, count + 1);
	} finally {
		file.destroy();
		unpacked.destroy();
	}
	if (rest !== "") throw new LedgerError("CUT_OFF", "the file ends in the middle of this line", count + 1);
}

function unreadable(error: unknown, line: number): LedgerError {
	const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
	if (code === "ENOENT" || code === "EACCES" || code === "EISDIR")
		return new LedgerError("NOT_A_LEDGER", `the file cannot be read (${code})`, undefined, { cause: error });
	if (code === "Z_BUF_ERROR")
		return new LedgerError("CUT_OFF", "the file ends in the middle of this line", line, { cause: error });
	if (line === 1 && code === "Z_DATA_ERROR")
		return new LedgerError("NOT_A_LEDGER", "this is no gzip file", undefined, { cause: error });
	return new LedgerError("DAMAGED", "the file cannot be unpacked from here on", line, { cause: error });
}
