import { encodeQR } from "qr";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { imeisOf } from "../../procedure/identity.ts";
import type { Contract } from "../../registry/api.ts";
import { timeText } from "../desk/formats.ts";
import { Heading } from "../desk/heading.tsx";
import { FaultWords } from "../faults/fault-words.tsx";
import type { ReleaseEnd } from "./phone-jobs.ts";
import { HealthTable, SheetList } from "./sheet-list.tsx";

interface CertificateCardProps {
	readonly contract: Contract;
	readonly end: ReleaseEnd;
	readonly onNext: () => void;
}

/** The borrower's paper: which phone is free since when, how that was seen, and where anybody can check it. */
export function CertificateCard({ contract, end, onNext }: CertificateCardProps) {
	const { t, i18n } = useTranslation();
	const { certificate, handset, sheet, health } = end;
	const { certificateId, contractEndedAs, lenderId } = certificate;
	const address = `${location.origin}/check/#certificate=${certificateId}`;
	const now = useMemo(() => Math.floor(Date.now() / 1000), []);
	const facts: readonly (readonly [name: string, value: string])[] = [
		[t("facts.contract"), contract.contractId],
		[t("facts.lender"), lenderId],
		[t("facts.ended"), t(`states-of.${contractEndedAs}`)],
		[t("facts.phone"), handset.model],
		[t("facts.imeis"), imeisOf(handset).join(", ")],
		[t("facts.serial"), handset.serial],
		[t("paper.when"), timeText(i18n.language, now)],
	];
	const changed = health.some(({ verdict }) => verdict === "changed");
	return (
		<section className={sheet.isFree ? "card good receipt" : "card grave receipt"}>
			<Heading>{t(sheet.isFree ? "paper.heading" : "paper.notYet")}</Heading>
			<p className="certificate-number">{certificateId}</p>
			<div className="beside">
				<SquareCode text={address} label={t("paper.square")} />
				<dl className="facts">
					{facts.map(([name, value]) => (
						<div key={name} className="fact">
							<dt>{name}</dt>
							<dd>{value}</dd>
						</div>
					))}
				</dl>
			</div>
			<p className="address">{t("paper.check", { address })}</p>
			<h3>{t("paper.seen")}</h3>
			<SheetList lines={sheet.lines} />
			{sheet.fault && <FaultWords fault={sheet.fault} />}
			<h3>{t("health.heading")}</h3>
			<p>{t(changed ? "health.changed" : "health.same")}</p>
			<HealthTable lines={health} />
			<p className="signature">{t("paper.signature")}</p>
			<div className="row no-print">
				<button type="button" className="main-button" onClick={() => globalThis.print()}>
					{t("paper.print")}
				</button>
				<button type="button" onClick={onNext}>
					{t("paper.next")}
				</button>
			</div>
		</section>
	);
}

function SquareCode({ text, label }: { readonly text: string; readonly label: string }) {
	const { path, size } = useMemo(() => {
		const dots = encodeQR(text, "raw", { ecc: "medium", border: 4 });
		const moves = dots.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
		return { path: moves.join(""), size: dots.length };
	}, [text]);
	return (
		<svg className="square-code" role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges">
			<rect width={size} height={size} fill="#fff" />
			<path d={path} fill="#000" />
		</svg>
	);
}
