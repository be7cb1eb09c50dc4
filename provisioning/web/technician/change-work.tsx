import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { imeisOf } from "../../procedure/identity.ts";
import type { Contract } from "../../registry/api.ts";
import type { RegistryAddress } from "../../registry/clients/registry-call.ts";
import { createTechnicianClient } from "../../registry/clients/technician-client.ts";
import type { ServiceCase } from "../../registry/service/service-request.ts";
import { Heading } from "../desk/heading.tsx";
import { ChangeForm } from "./change-form.tsx";
import { OpenPhone } from "./open-phone.tsx";
import type { ReadPhone } from "./phone-jobs.ts";
import { PhoneWork } from "./phone-work.tsx";
import { AskedCard } from "./return-card.tsx";

interface ChangeWorkProps {
	readonly address: RegistryAddress;
	readonly contract: Contract;
	readonly onBack: () => void;
}

/** Other IMEIs than before: a rebind if the agent is still there with its key, an exchange if it went with the old board. */
export function ChangeWork({ address, contract, onBack }: ChangeWorkProps) {
	const { t } = useTranslation();
	const [read, setRead] = useState<ReadPhone>();
	const [asked, setAsked] = useState<ServiceCase>();
	const [approved, setApproved] = useState<ServiceCase | "none">();
	const [isDone, setDone] = useState(false);
	useEffect(() => {
		createTechnicianClient(address)
			.casesOf(contract.contractId)
			.then(
				(cases) => setApproved(cases.find(({ kind, state }) => kind === "rebind" && state === "approved") ?? "none"),
				() => setApproved("none"),
			);
	}, [address, contract.contractId]);
	if (approved === undefined) return <p role="status">{t("find.looking")}</p>;
	if (isDone) {
		return (
			<section className="card good">
				<Heading>{t("change.done")}</Heading>
				<p>{t("change.doneText")}</p>
				<div className="row">
					<button type="button" className="main-button" onClick={onBack}>
						{t("work.back")}
					</button>
				</div>
			</section>
		);
	}
	if (asked) return <AskedCard asked={asked} onBack={onBack} />;
	const open = contract.enrollment?.state === "sealed" && <OpenPhone address={address} contract={contract} />;
	if (approved !== "none" && approved.handset) {
		const { imei1, imei2, serial } = approved.handset;
		const known = { serial, imeis: imei2 === undefined ? [imei1] : [imei1, imei2] };
		return (
			<PhoneWork
				name="rebind"
				contractId={contract.contractId}
				job={(jobs, handset, tools) => jobs.rebindJob(address, contract, known, handset, tools)}
				onDone={() => setDone(true)}
				onBack={onBack}
			>
				<section className="card good">
					<h2>{t("change.approved")}</h2>
					<p>{t("change.approvedText")}</p>
				</section>
				{open}
			</PhoneWork>
		);
	}
	if (!read) {
		return (
			<PhoneWork
				name="read"
				contractId={contract.contractId}
				job={(jobs, handset, tools) => jobs.readJob(address, contract, handset, tools)}
				onDone={setRead}
				onBack={onBack}
			>
				<section className="card">
					<h2>{t("change.heading")}</h2>
					<p>{t("change.text")}</p>
				</section>
				{open}
			</PhoneWork>
		);
	}
	if (read.agent === "other" || isSame(contract, read)) {
		return (
			<section className="card grave" role="alert">
				<Heading>{t(read.agent === "other" ? "change.other" : "change.same")}</Heading>
				<p>{t(read.agent === "other" ? "change.otherText" : "change.sameText")}</p>
				<div className="row">
					<button type="button" className="main-button" onClick={onBack}>
						{t("work.back")}
					</button>
				</div>
			</section>
		);
	}
	return (
		<ChangeForm client={createTechnicianClient(address)} contract={contract} read={read} onAsked={setAsked} onBack={onBack} />
	);
}

function isSame({ enrollment }: Contract, { handset }: ReadPhone): boolean {
	const known = [enrollment?.imei1, enrollment?.imei2].filter((imei) => imei !== undefined);
	const imeis = imeisOf(handset);
	return known.length === imeis.length && imeis.every((imei) => known.includes(imei)) && enrollment?.serial === handset.serial;
}
