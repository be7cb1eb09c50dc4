import { useTranslation } from "react-i18next";

import { clockText } from "./duration.ts";
import { usePage, useStationNow } from "./page-context.ts";
import { ShiftChecks } from "./shift-checks.tsx";
import { Icon } from "./word-icon.tsx";

/** The one next thing to do, in one sentence. */
export function InstructionBar() {
	const { t } = useTranslation();
	const { view, open, perform } = usePage();
	if (!view.shift) {
		return (
			<section className="instruction sign-in">
				<Icon name="badge" />
				<p role="status">{t("next.signIn")}</p>
				<button type="button" onClick={() => open({ kind: "sign-in" })}>
					{t("next.typeBadge")}
				</button>
			</section>
		);
	}
	if (view.stop || view.down) return null; // one thing to do at a time, and the banner says which
	if (view.shift.checks.some(({ ok }) => !ok)) return <ShiftChecks />;
	if (view.batch.closed) {
		return (
			<section className="instruction">
				<Icon name="pass" />
				<p role="status">{t("next.closed")}</p>
			</section>
		);
	}
	if (view.scan) {
		return (
			<section className="instruction scanned">
				<Icon name="plug" />
				<p role="status">{t("next.plug", { tail: view.scan.imeiTail })}</p>
				<ScanAge atMs={view.scan.atMs} />
				<button type="button" onClick={() => void perform({ type: "clear-scan" })}>
					{t("next.forget")}
				</button>
			</section>
		);
	}
	return (
		<section className="instruction">
			<Icon name="scan" />
			<p role="status">{view.batch.match === "scan" ? t("next.scan") : t("next.plugAny")}</p>
			{view.batch.match === "scan" && (
				<button type="button" onClick={() => open({ kind: "supervisor", act: { type: "type-imei" } })}>
					{t("next.typeImei")}
				</button>
			)}
		</section>
	);
}

function ScanAge({ atMs }: { readonly atMs: number }) {
	return <span className="muted clock">{clockText(useStationNow() - atMs)}</span>;
}
