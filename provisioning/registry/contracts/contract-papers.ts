import { toBase64 } from "../base64.ts";
import type { ContractPapers } from "../enrollment/desk-request.ts";
import type { RegistryContext } from "../registry-context.ts";
import { unknownContract } from "./contracts.ts";

/** Terms and consent of a contract, as its phone is given them. @throws {Refusal} CONTRACT_UNKNOWN. */
export async function contractPapers({ database }: RegistryContext, contractId: string): Promise<ContractPapers> {
	const row = await database.kysely
		.selectFrom("contracts")
		.innerJoin("terms", (join) =>
			join.onRef("terms.contract_id", "=", "contracts.contract_id").onRef("terms.terms_sha256", "=", "contracts.terms_sha256"),
		)
		.select(["terms.terms", "terms.terms_sha256", "terms.consent", "terms.consent_sha256"])
		.where("contracts.contract_id", "=", contractId)
		.executeTakeFirst();
	if (!row) throw unknownContract();
	return {
		contractId,
		terms: toBase64(row.terms),
		termsSha256: Buffer.from(row.terms_sha256).toString("hex"),
		consent: toBase64(row.consent),
		consentSha256: Buffer.from(row.consent_sha256).toString("hex"),
	};
}
