import { lazy, Suspense, useReducer, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Contract } from "../../registry/api.ts";
import { createTechnicianClient } from "../../registry/clients/technician-client.ts";
import { pageAddress } from "../frame/session.ts";
import { CaseList } from "./case-list.tsx";
import { ContractCard } from "./contract-card.tsx";
import { FindCard } from "./find-card.tsx";
import type { ReleaseEnd } from "./phone-jobs.ts";

// What the first screen does not show is fetched when it is needed: a workshop's line may be slow.
const ReleaseWork = lazy(async () => ({ default: (await import("./release-work.tsx")).ReleaseWork }));
const CertificateCard = lazy(async () => ({ default: (await import("./certificate-card.tsx")).CertificateCard }));
const SheetWork = lazy(async () => ({ default: (await import("./sheet-work.tsx")).SheetWork }));
const ChangeWork = lazy(async () => ({ default: (await import("./change-work.tsx")).ChangeWork }));
const ReturnCard = lazy(async () => ({ default: (await import("./return-card.tsx")).ReturnCard }));
const ScreenLockCard = lazy(async () => ({ default: (await import("./screen-lock-card.tsx")).ScreenLockCard }));

/** What can be done with a contract's phone. */
export type Task = "release" | "sheet" | "change" | "return" | "screenLock";

type Stage =
	| { readonly at: "find" }
	| { readonly at: "contract"; readonly contract: Contract }
	| { readonly at: Task; readonly contract: Contract }
	| { readonly at: "certificate"; readonly contract: Contract; readonly end: ReleaseEnd };

interface TechnicianProps {
	/** As the audit log names whoever is signed in. */
	readonly actor: string;
	/** Whether they may approve what others asked. */
	readonly mayApprove: boolean;
}

/** The technician's page: a contract, what may be done with its phone, and the paper at the end. */
export function Technician({ actor, mayApprove }: TechnicianProps) {
	const { t } = useTranslation();
	const [stage, go] = useReducer((_: Stage, next: Stage) => next, { at: "find" });
	const [address] = useState(pageAddress);
	const [client] = useState(() => createTechnicianClient(address));
	const find = () => go({ at: "find" });
	const back = "contract" in stage ? () => void showAnew(stage.contract) : find;
	/** What was done may have changed the contract. */
	const showAnew = async (known: Contract) => {
		const contract = await client.getContract(known.contractId).catch(() => known);
		go({ at: "contract", contract });
	};
	return (
		<>
			{stage.at === "find" && (
				<>
					<FindCard client={client} onContract={(contract) => go({ at: "contract", contract })} />
					<CaseList client={client} actor={actor} mayApprove={mayApprove} />
				</>
			)}
			{stage.at === "contract" && (
				<>
					<ContractCard contract={stage.contract} onTask={(at) => go({ at, contract: stage.contract })} onFind={find} />
					<CaseList
						client={client}
						actor={actor}
						mayApprove={mayApprove}
						contractId={stage.contract.contractId}
						onChanged={() => void showAnew(stage.contract)}
					/>
				</>
			)}
			<Suspense fallback={<p role="status">{t("find.looking")}</p>}>
				{stage.at === "release" && (
					<ReleaseWork
						address={address}
						contract={stage.contract}
						onDone={(end) => go({ at: "certificate", contract: stage.contract, end })}
						onBack={back}
					/>
				)}
				{stage.at === "certificate" && <CertificateCard contract={stage.contract} end={stage.end} onNext={find} />}
				{stage.at === "sheet" && <SheetWork address={address} contract={stage.contract} onBack={back} />}
				{stage.at === "change" && <ChangeWork address={address} contract={stage.contract} onBack={back} />}
				{stage.at === "return" && <ReturnCard client={client} contract={stage.contract} onBack={back} />}
				{stage.at === "screenLock" && <ScreenLockCard client={client} contract={stage.contract} onBack={back} />}
			</Suspense>
		</>
	);
}
