import { lazy, Suspense, useReducer, useState } from "react";
import { useTranslation } from "react-i18next";

import type { EnrollmentStatus } from "../../procedure/registry-port.ts";
import type { Enrollment } from "../../registry/api.ts";
import { pageAddress } from "../frame/session.ts";
import { ContractCard } from "./contract-card.tsx";
import type { ContractForm } from "./contract-form.ts";
import type { PreparedContract } from "./contract-work.ts";
import type { DeskRunEnd } from "./enroll-run.ts";
import { keepWork, readWork } from "./kept-work.ts";
import { PreflightCard } from "./preflight-card.tsx";
import { TermsCard, type TermsSubject } from "./terms-card.tsx";

// What the first screen does not show is fetched when it is needed: a shop's line may be slow.
const PhoneCard = lazy(async () => ({ default: (await import("./phone-card.tsx")).PhoneCard }));
const ReceiptCard = lazy(async () => ({ default: (await import("./receipt-card.tsx")).ReceiptCard }));

/** Where a sale stands. */
type Stage =
	| { readonly at: "preflight" }
	| { readonly at: "contract" }
	| { readonly at: "terms"; readonly subject: TermsSubject }
	| { readonly at: "phone"; readonly contract: PreparedContract }
	| { readonly at: "receipt"; readonly contract: PreparedContract; readonly status: EnrollmentStatus; readonly end: DeskRunEnd };

const STAGES = ["preflight", "contract", "terms", "phone", "receipt"] as const;

/** The shop clerk's page: one phone at a time, from the contract to the receipt. */
export function Desk({ operator }: { readonly operator: string }) {
	const { t } = useTranslation();
	const [stage, go] = useReducer((_: Stage, next: Stage) => next, { at: "preflight" });
	const [draft, setDraft] = useState<ContractForm>();
	const [address] = useState(pageAddress);
	/** A contract whose phone is sealed needs no cable any more: its receipt is what is left. */
	const orReceipt = (contract: PreparedContract, next: Stage) => {
		const { enrollment } = contract.contract;
		if (enrollment?.state !== "sealed") return go(next);
		keepWork(undefined);
		go({ at: "receipt", contract, status: statusOf(enrollment), end: { isSealed: true } });
	};
	const leave = () => {
		keepWork(undefined);
		go({ at: "contract" });
	};
	return (
		<>
			<ol className="stages no-print" aria-label={t("stages.label")}>
				{STAGES.map((name) => (
					<li key={name} aria-current={name === stage.at ? "step" : undefined}>
						{t(`stages.${name}`)}
					</li>
				))}
			</ol>
			{stage.at === "preflight" && <PreflightCard address={address} onGood={() => go({ at: "contract" })} />}
			{stage.at === "contract" && (
				<ContractCard
					address={address}
					kept={readWork()}
					draft={draft}
					onDraft={setDraft}
					onSubject={(subject) => {
						if (subject.kind === "new") go({ at: "terms", subject });
						else orReceipt(subject.prepared, { at: "terms", subject });
					}}
					onResume={(contract) => orReceipt(contract, { at: "phone", contract })}
					onForget={() => keepWork(undefined)}
				/>
			)}
			{stage.at === "terms" && (
				<TermsCard
					address={address}
					subject={stage.subject}
					onBack={leave}
					onAgreed={(contract) => {
						setDraft(undefined);
						keepWork({ contractId: contract.contract.contractId });
						go({ at: "phone", contract });
					}}
				/>
			)}
			<Suspense fallback={<p role="status">{t("contract.looking")}</p>}>
				{stage.at === "phone" && (
					<PhoneCard
						address={address}
						contract={stage.contract}
						operator={operator}
						onBack={leave}
						onDone={(end, status) => {
							keepWork(undefined);
							go({ at: "receipt", contract: stage.contract, status, end });
						}}
					/>
				)}
				{stage.at === "receipt" && (
					<ReceiptCard address={address} contract={stage.contract} status={stage.status} end={stage.end} onNext={leave} />
				)}
			</Suspense>
		</>
	);
}

function statusOf(enrollment: Enrollment): EnrollmentStatus {
	const { enrollmentId, deviceId, contractId, imei1, imei2, serial, state, bindingSha256, deviceKeyId } = enrollment;
	return {
		enrollmentId,
		deviceId,
		contractId,
		imei1,
		serial,
		state,
		bindingSha256,
		...(imei2 === undefined ? {} : { imei2 }),
		...(deviceKeyId === undefined ? {} : { deviceKeyId }),
	};
}
