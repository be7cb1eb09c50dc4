import { type HandsetFacts, readFacts } from "../handset/facts.ts";
import { faultError } from "../handset/fault.ts";
import { identityOf, requireSame } from "./identity.ts";
import type { EnrollmentStatus, HandsetIdentity, RegistryPort } from "./registry-port.ts";
import type { Step } from "./step.ts";
import type { Surroundings } from "./surroundings.ts";

/** Work on a handset that the registry knows under a contract. */
export interface WithEnrolledHandset extends Surroundings {
	readonly registry: RegistryPort;
	readonly contractId: string;
	readonly found: {
		facts?: HandsetFacts;
		handset?: HandsetIdentity;
		status?: EnrollmentStatus;
	};
}

/** Reads the handset and requires that it is the one that the registry has under this contract: serial and every IMEI. */
export const identifyEnrolled: Step<WithEnrolledHandset> = {
	name: "identify",
	title: "Identify the handset",
	done: async () => false,
	async act({ port, registry, contractId, found }) {
		const [facts, status] = await Promise.all([readFacts(port), registry.enrollmentOf(contractId)]);
		if (!status) throw faultError("CONTRACT_UNKNOWN", { details: { contract: contractId } });
		const handset = identityOf(facts);
		requireSame({ serial: status.serial, imeis: status.imei2 ? [status.imei1, status.imei2] : [status.imei1] }, handset);
		Object.assign(found, { facts, handset, status });
	},
	async confirm() {},
};

/** The facts that {@link identifyEnrolled} found. */
export function factsOf({ found }: WithEnrolledHandset): HandsetFacts {
	if (!found.facts) throw new Error("steps run out of order: facts are not known yet");
	return found.facts;
}
