import { cableFailureIn, printedReply, readPrintedReply } from "../../../proto/android-agent.ts";
import { equalBytes } from "../../../proto/codec.ts";
import { fromCrockford, toCrockford } from "../../../proto/crockford.ts";
import { fromHex, toHex } from "../../../proto/crypto.ts";
import { parseImei } from "../../../proto/imei.ts";
import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import { isReleaseCodeShaped, readReleaseCode, writeReleaseCode } from "../../../proto/release-code.ts";
import { readRequestNumber, requestNumber } from "../../../proto/request-number.ts";
import { isTimeCodeShaped, readTimeCode, writeTimeCode } from "../../../proto/time-code.ts";
import { fromUtf8, utf8 } from "../../../proto/utf8.ts";
import { readSharePage, sharePage } from "../../../provisioning/registry/codes/escrow-share.ts";
import { type FuzzTarget, require, textTarget } from "../target.ts";

const RELEASE = writeReleaseCode(Uint8Array.from({ length: 10 }, (_, index) => index * 23));
const TIME = writeTimeCode(
	nobleCrypto,
	new Uint8Array(32),
	{ deviceId: "d", contractId: "c" },
	{ kind: "set", value: 30, counter: 5, nonce: 123 },
);

const PAGE = sharePage({
	number: 1,
	contractId: "C-1001",
	deviceId: "ab".repeat(16),
	set: `${toCrockford(new Uint8Array(5)).slice(0, 4)}-${toCrockford(new Uint8Array(5)).slice(4, 8)}-${toCrockford(new Uint8Array(5)).slice(8)}`,
	fingerprint: toCrockford(Uint8Array.of(1, 2, 3, 4, 5)),
	share: toCrockford(new Uint8Array(11).fill(9)),
});

/** What people type, read out and print. */
export const codeTargets = (): FuzzTarget[] => [
	textTarget("codes/typed", [RELEASE, TIME, requestNumber({ counter: 5, nonce: 123 }), "1234-5678"], (text) => {
		const release = readReleaseCode(text);
		const time = readTimeCode(text);
		const number = readRequestNumber(text);
		if (release) {
			require(isReleaseCodeShaped(text), "a release code has the shape of one");
			require(equalBytes(readReleaseCode(writeReleaseCode(release)) ?? new Uint8Array(), release), "it is written as it is read");
		}
		require(!time || isTimeCodeShaped(text), "a time code has the shape of one");
		require(!(release && time), "a code is of one kind");
		if (number) require(number.nonce < 1000 && number.counterDigits < 10_000, "a request number is in its range");
		return release || time || number || text.includes("5678") ? "taken" : "refused";
	}),
	textTarget("codes/crockford", [toCrockford(new Uint8Array(10)), toCrockford(new Uint8Array(11).fill(255))], (text) => {
		const read = [5, 10, 11].map((length) => fromCrockford(text, length)).find((bytes) => bytes !== undefined);
		if (!read) return "refused";
		require(equalBytes(fromCrockford(toCrockford(read), read.length) ?? new Uint8Array(), read), "it is written as it is read");
		return "taken";
	}),
	textTarget("codes/hex", ["00ff10", ""], (text) => {
		const read = fromHex(text);
		if (!read) return "refused";
		require(toHex(read) === text.toLowerCase(), "it is written as it is read");
		return "taken";
	}),
	textTarget("codes/imei", ["866907051234564", "49 015420-323751 8"], (text) => {
		const read = parseImei(text);
		if ("problem" in read) return "refused";
		require(/^\d{15}$/.test(read.imei), "fifteen digits");
		const again = parseImei(read.imei);
		require("imei" in again && again.imei === read.imei, "reading again changes nothing");
		return "taken";
	}),
	textTarget("codes/escrow-page", [PAGE], (text) => {
		const read = readSharePage(text);
		if ("problem" in read) return "refused";
		const again = readSharePage(sharePage(read));
		require(!("problem" in again) &&
			again.share === read.share &&
			again.contractId === read.contractId, "printed as it was typed");
		return "taken";
	}),
	{
		name: "codes/utf8",
		form: "bytes",
		samples: () => ["abc", "añ€𝟘"].map((text) => utf8(text)),
		run: (input) => {
			const text = fromUtf8(input);
			if (text === undefined) return "refused";
			require(equalBytes(utf8(text), input), "written as it was read");
			return "taken";
		},
	},
	textTarget(
		"cable/printed-reply",
		[`${printedReply("AAAA")}\n`, `x\n${printedReply("AAA=")}`],
		(text) => {
			cableFailureIn(text);
			const read = readPrintedReply(text);
			if (!("base64" in read)) return "refused";
			require(Buffer.from(read.base64, "base64").toString("base64") === read.base64 || /=/.test(read.base64), "proper base64");
			return "taken";
		},
		{ words: ["Result: ", "Bundle[{", "reply=", "}]", "java.lang.SecurityException: "] },
	),
];
