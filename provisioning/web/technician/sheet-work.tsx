import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ReleasedSheet } from "../../procedure/released-sheet.ts";
import type { Contract } from "../../registry/api.ts";
import type { RegistryAddress } from "../../registry/clients/registry-call.ts";
import { Heading } from "../desk/heading.tsx";
import { FaultWords } from "../faults/fault-words.tsx";
import { PhoneWork } from "./phone-work.tsx";
import { SheetList } from "./sheet-list.tsx";

interface SheetWorkProps {
	readonly address: RegistryAddress;
	readonly contract: Contract;
	readonly onBack: () => void;
}

/** The same as `holdfast verify --released`: is this phone really free? */
export function SheetWork({ address, contract, onBack }: SheetWorkProps) {
	const { t } = useTranslation();
	const [sheet, setSheet] = useState<ReleasedSheet>();
	if (!sheet) {
		return (
			<PhoneWork
				name="sheet"
				contractId={contract.contractId}
				job={(jobs, handset, tools) => jobs.sheetJob(address, contract, handset, tools)}
				onDone={setSheet}
				onBack={onBack}
			/>
		);
	}
	return (
		<section className={sheet.isFree ? "card good" : "card grave"}>
			<Heading>{t(sheet.isFree ? "sheet.free" : "sheet.notFree")}</Heading>
			<SheetList lines={sheet.lines} />
			{sheet.fault && <FaultWords fault={sheet.fault} />}
			<div className="row no-print">
				<button type="button" className="main-button" onClick={() => setSheet(undefined)}>
					{t("sheet.again")}
				</button>
				<button type="button" onClick={() => globalThis.print()}>
					{t("paper.print")}
				</button>
				<button type="button" onClick={onBack}>
					{t("work.back")}
				</button>
			</div>
		</section>
	);
}
