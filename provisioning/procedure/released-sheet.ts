import { imeiTail } from "../../proto/imei.ts";
import { readOwner } from "../handset/device-owner.ts";
import { type HandsetFacts, readFacts } from "../handset/facts.ts";
import { type Fault, FaultError, fault } from "../handset/fault.ts";
import type { FaultCode } from "../handset/fault-codes.ts";
import { readAgentPackage } from "../handset/packages.ts";
import type { HandsetPort } from "../handset/port.ts";
import { readRestrictions } from "../handset/restrictions.ts";
import { identityOf, imeisOf } from "./identity.ts";
import type { EnrollmentStatus, HandsetIdentity } from "./registry-port.ts";

/** What a phone must show to be called free, in the order in which it is read. */
export const SHEET_NAMES = ["identity", "owner", "restrictions", "agent", "financed", "certificate"] as const;
export type SheetName = (typeof SHEET_NAMES)[number];

export interface SheetLine {
	readonly name: SheetName;
	/** unknown: it could not be read, which is not good enough. */
	readonly verdict: "good" | "bad" | "unknown";
	/** What was found, on one line. */
	readonly detail: string;
}

export interface ReleasedSheet {
	/** Every line is good. */
	readonly isFree: boolean;
	readonly lines: readonly SheetLine[];
	readonly handset: HandsetIdentity | undefined;
	/** What is wrong, if something is. */
	readonly fault: Fault | undefined;
}

/** Whoever is asked beside the phone: the lender, with nothing but what anybody may ask. */
export interface ReleaseWitness {
	/** Every refusal is a `FaultError`. */
	imeiStatus(imei: string): Promise<{ readonly status: "financed" | "clear" | "unknown" }>;
	certificate(certificateId: string): Promise<{ readonly phone: "free" | "not_reported"; readonly imeiTails: readonly string[] }>;
}

export interface SheetQuestion {
	readonly port: HandsetPort;
	readonly witness: ReleaseWitness;
	/** The payoff certificate; without one, that line is bad. */
	readonly certificateId: string | undefined;
	/** Who the phone should be, where a contract says so. */
	readonly expected?: Pick<EnrollmentStatus, "serial" | "imei1" | "imei2"> | undefined;
	/** Told of each line as it is found. */
	readonly onLine?: (line: SheetLine) => void;
}

const FAULTS: Readonly<Record<SheetName, FaultCode>> = {
	identity: "IDENTITY_CHANGED",
	owner: "OWNER_REMAINS",
	restrictions: "RELEASE_INCOMPLETE",
	agent: "RELEASE_INCOMPLETE",
	financed: "STILL_FINANCED",
	certificate: "CERTIFICATE_UNPROVEN",
};

/**
 * Reads off a phone, and asks its lender, whether it is really free. Changes nothing, believes nothing that was noted before.
 *
 * @throws {FaultError} the link's.
 */
export async function readReleasedSheet(question: SheetQuestion): Promise<ReleasedSheet> {
	const { port, onLine } = question;
	const facts = await readFacts(port);
	const handset = facts.imei.fault || !facts.imei.imei1 ? undefined : identityOf(facts);
	const checks: Readonly<Record<SheetName, () => Promise<Omit<SheetLine, "name">>>> = {
		identity: async () => identityLine(handset, question),
		owner: () => ownerLine(port, facts),
		restrictions: async () => {
			const held = await readRestrictions(port);
			return held.length === 0 ? good("none") : bad(held.join(", "));
		},
		agent: async () => {
			const agent = await readAgentPackage(port);
			return agent === undefined ? good("not installed") : bad(`${agent.packageName} ${agent.versionName}`);
		},
		financed: () => financedLine(handset, question),
		certificate: () => certificateLine(handset, question),
	};
	const lines: SheetLine[] = [];
	let cause: Fault | undefined;
	for (const name of SHEET_NAMES) {
		let line: SheetLine;
		try {
			line = { name, ...(await checks[name]()) };
		} catch (error) {
			// What the phone or the lender would not tell is a line of the sheet; a phone that left the cable ends it.
			if (!(error instanceof FaultError) || LINK.includes(error.fault.code)) throw error;
			line = { name, verdict: "unknown", detail: error.fault.code };
			cause ??= error.fault;
		}
		lines.push(line);
		onLine?.(line);
	}
	const wrong = lines.find(({ verdict }) => verdict === "bad");
	const unknown = lines.find(({ verdict }) => verdict === "unknown");
	return {
		isFree: !wrong && !unknown,
		lines,
		handset,
		fault: wrong
			? fault(FAULTS[wrong.name], { details: { [wrong.name]: wrong.detail } })
			: unknown && (cause ?? fault("UNCLASSIFIED", { details: { "not known": unknown.name } })),
	};
}

const LINK: readonly FaultCode[] = ["USB_LOST", "LINK_STALLED", "ADB_OFFLINE", "HANDSET_REBOOTED", "CANCELLED"];
const good = (detail: string) => ({ verdict: "good" as const, detail });
const bad = (detail: string) => ({ verdict: "bad" as const, detail });

function identityLine(handset: HandsetIdentity | undefined, { expected }: SheetQuestion): Omit<SheetLine, "name"> {
	if (!handset) return { verdict: "unknown", detail: "the phone does not tell its IMEI" };
	const shown = `${handset.model}, ${imeisOf(handset).join(", ")}`;
	if (!expected) return good(shown);
	const wanted = [expected.imei1, ...(expected.imei2 === undefined ? [] : [expected.imei2])];
	const isSame = wanted.length === imeisOf(handset).length && imeisOf(handset).every((imei) => wanted.includes(imei));
	return isSame && expected.serial === handset.serial
		? good(shown)
		: bad(`${shown}; the contract's phone is … ${wanted.map(imeiTail).join(", … ")}`);
}

async function ownerLine(port: HandsetPort, facts: HandsetFacts): Promise<Omit<SheetLine, "name">> {
	const owner = (await readOwner(port, facts))?.component ?? facts.profileOwner?.component;
	return owner === undefined ? good("none") : bad(owner);
}

async function financedLine(handset: HandsetIdentity | undefined, { witness }: SheetQuestion): Promise<Omit<SheetLine, "name">> {
	if (!handset) return { verdict: "unknown", detail: "the phone does not tell its IMEI" };
	const asked = await Promise.all(
		imeisOf(handset).map(async (imei) => ({ imei, status: (await witness.imeiStatus(imei)).status })),
	);
	const detail = asked.map(({ imei, status }) => `… ${imeiTail(imei)}: ${status}`).join(", ");
	return asked.some(({ status }) => status === "financed") ? bad(detail) : good(detail);
}

async function certificateLine(
	handset: HandsetIdentity | undefined,
	{ witness, certificateId }: SheetQuestion,
): Promise<Omit<SheetLine, "name">> {
	if (certificateId === undefined) return bad("there is none: the contract has not ended");
	let certificate: Awaited<ReturnType<ReleaseWitness["certificate"]>>;
	try {
		certificate = await witness.certificate(certificateId);
	} catch (error) {
		const isNone = error instanceof FaultError && error.fault.code === "REGISTRY_REFUSED";
		if (isNone) return bad(`${certificateId}: this lender gave out none such`);
		throw error;
	}
	const tails = handset ? imeisOf(handset).map(imeiTail) : [];
	if (!tails.some((tail) => certificate.imeiTails.includes(tail))) return bad(`${certificateId}: of another phone`);
	return certificate.phone === "free" ? good(certificateId) : bad(`${certificateId}: the phone has not reported that it is free`);
}
