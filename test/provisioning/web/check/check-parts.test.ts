import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { luhnDigit } from "../../../../proto/imei.ts";
import { certificateIn, readCertificateNumber } from "../../../../provisioning/web/check/certificate-number.ts";
import { readTypedImei } from "../../../../provisioning/web/check/imei-problem.ts";

describe("an IMEI as people copy it", () => {
	it("is read with blanks, dashes and a software version behind it", () => {
		const typed = fc.tuple(
			fc.stringMatching(/^35\d{12}$/),
			fc.constantFrom("", " ", "-", "."),
			fc.constantFrom("", " / 01", "/01", "/ 7"),
		);
		fc.assert(
			fc.property(typed, ([first14, between, version]) => {
				const imei = `${first14}${luhnDigit(first14)}`;
				const shown = `${imei.slice(0, 2)}${between}${imei.slice(2, 8)}${between}${imei.slice(8, 14)}${between}${imei.slice(14)}${version}`;
				expect(readTypedImei(shown)).toEqual({ imei, tail: imei.slice(-4) });
			}),
		);
	});

	it.each([
		["", { trouble: "not15", digits: 0 }],
		["35000000000000", { trouble: "not15", digits: 14 }],
		["350000000000011", { trouble: "checkDigit", digits: 15 }],
		["000000000000000", { trouble: "placeholder", digits: 15 }],
		["<script>", { trouble: "not15", digits: 0 }],
	])("%j is told what is wrong with it", (text, trouble) => {
		expect(readTypedImei(text)).toEqual(trouble);
	});
});

describe("a certificate's number", () => {
	it("is read however it was typed", () => {
		for (const typed of ["HF-0123456789ABCDEF", "hf 0123 4567 89ab cdef", "HF–0123-4567-89AB-CDEF", "\tHF0123456789abcdef\n"])
			expect([typed, readCertificateNumber(typed)]).toEqual([typed, "HF-0123456789ABCDEF"]);
		for (const typed of ["", "HF-", "HF-0123456789ABCDE", "HF-0123456789ABCDEFF", "HF-0123456789ABCDEG", "0123456789ABCDEF"])
			expect([typed, readCertificateNumber(typed)]).toEqual([typed, undefined]);
	});

	it("comes from the address of a paper's code, and nothing else does", () => {
		expect(certificateIn("#certificate=HF-0123456789ABCDEF")).toBe("HF-0123456789ABCDEF");
		expect(certificateIn("#certificate=%3Cimg%3E")).toBe("");
		expect(certificateIn("#content")).toBe("");
	});
});
