import { encodeQR } from "qr";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { nobleCrypto } from "../../../proto/noble-crypto.ts";
import type { EnrollmentStatus } from "../../procedure/registry-port.ts";
import { createDeskClient } from "../../registry/clients/desk-client.ts";
import type { RegistryAddress } from "../../registry/clients/registry-call.ts";
import type { PreparedContract } from "./contract-work.ts";
import type { DeskRunEnd } from "./enroll-run.ts";
import { localeOf, moneyText, timeText } from "./formats.ts";
import { Heading } from "./heading.tsx";

interface ReceiptCardProps {
	readonly address: RegistryAddress;
	readonly contract: PreparedContract;
	readonly status: EnrollmentStatus;
	readonly end: DeskRunEnd;
	readonly onNext: () => void;
}

/** What was done to which phone, for the borrower to take along; and the next phone. */
export function ReceiptCard({ address, contract, status, end, onNext }: ReceiptCardProps) {
	const { t, i18n } = useTranslation();
	const { terms, papers } = contract;
	const imeis = [status.imei1, ...(status.imei2 ? [status.imei2] : [])];
	const total = terms.instalments.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
	const now = useMemo(() => Math.floor(Date.now() / 1000), []);
	const facts: readonly (readonly [name: string, value: string])[] = [
		[t("terms.contract"), status.contractId],
		[t("terms.lender"), terms.lenderName],
		[t("terms.account"), terms.accountShown],
		[t("terms.total"), moneyText(localeOf(i18n.language, terms.jurisdiction), terms.currency, total)],
		[t("receipt.imeis"), imeis.join(", ")],
		[t("receipt.serial"), status.serial],
		[t("receipt.when"), timeText(i18n.language, now)],
		[t("receipt.consent"), timeText(i18n.language, contract.consent.givenAt)],
		[t("receipt.binding"), status.bindingSha256],
		[t("receipt.termsHash"), papers.termsSha256],
		[t("receipt.consentHash"), papers.consentSha256],
		...(status.deviceKeyId === undefined ? [] : [[t("receipt.key"), status.deviceKeyId] as const]),
		...(end.apk === undefined ? [] : [[t("receipt.agent"), `${end.apk.versionName}, ${end.apk.sha256}`] as const]),
		[t("receipt.help"), terms.supportPhone],
	];
	const ownCode = useOwnCode(address, status.contractId);
	const ownPage = new URL(`/borrower/#contract=${encodeURIComponent(status.contractId)}`, location.href).href;
	const square = {
		contract: status.contractId,
		imei: imeis,
		binding: status.bindingSha256,
		terms: papers.termsSha256,
		consent: papers.consentSha256,
		...(status.deviceKeyId === undefined ? {} : { key: status.deviceKeyId }),
	};
	return (
		<section className="card good receipt">
			<Heading>{t("receipt.heading")}</Heading>
			<p>{t(end.isSealed ? "receipt.sealed" : "receipt.notSealed")}</p>
			<div className="beside">
				<SquareCode text={JSON.stringify(square)} label={t("receipt.square")} />
				<dl className="facts">
					{facts.map(([name, value]) => (
						<div key={name} className="fact">
							<dt>{name}</dt>
							<dd>{value}</dd>
						</div>
					))}
				</dl>
			</div>
			<p>{t("receipt.means")}</p>
			<div className="beside">
				<SquareCode text={ownPage} label={t("receipt.ownSquare")} />
				<div>
					<h3>{t("receipt.own")}</h3>
					<p>{t("receipt.ownMeans")}</p>
					<p className="own-page">{ownPage}</p>
					<p aria-live="polite">
						{ownCode.state === "there" ? (
							<>
								{t("receipt.ownCode")} <strong className="own-code">{ownCode.code}</strong>
							</>
						) : (
							t(ownCode.state === "asked" ? "receipt.ownAsked" : "receipt.ownFailed")
						)}
					</p>
				</div>
			</div>
			<div className="row no-print">
				<button type="button" className="main-button" onClick={onNext}>
					{t("receipt.next")}
				</button>
				<button type="button" onClick={() => globalThis.print()}>
					{t("receipt.print")}
				</button>
			</div>
		</section>
	);
}

type OwnCode = { readonly state: "asked" | "failed" } | { readonly state: "there"; readonly code: string };

/** The code of the borrower's own page. Without it the receipt still stands: the lender gives it on the telephone. */
function useOwnCode(address: RegistryAddress, contractId: string): OwnCode {
	const [code, setCode] = useState<OwnCode>({ state: "asked" });
	useEffect(() => {
		let isCurrent = true;
		createDeskClient(address, nobleCrypto)
			.borrowerCode(contractId)
			.then(
				(text) => isCurrent && setCode({ state: "there", code: text }),
				() => isCurrent && setCode({ state: "failed" }),
			);
		return () => {
			isCurrent = false;
		};
	}, [address, contractId]);
	return code;
}

/** A QR code, black on white in every theme: a camera has to read it. */
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
