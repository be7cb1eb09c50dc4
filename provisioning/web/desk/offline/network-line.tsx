import { useTranslation } from "react-i18next";

import { figuresOf, VOUCHER_MARGIN_MS } from "../../../vouchers/voucher.ts";
import { signInAddress } from "../../frame/session.ts";
import { timeText } from "../formats.ts";
import { useNow } from "../use-now.ts";
import { useRoad } from "./road-context.tsx";

/** Whether the network is there, how many phones can be bound without it, and until when. */
export function NetworkLine() {
	const { t, i18n } = useTranslation();
	const { view } = useRoad();
	const now = useNow();
	if (!view) return null;
	const { left, expiresAtMs = 0 } = figuresOf(view.vouchers, now);
	const until = timeText(i18n.language, (expiresAtMs - VOUCHER_MARGIN_MS) / 1000);
	const isDown = view.network === "down";
	const waiting = view.unfinished.filter(({ state }) => state === "waiting").length;
	if (!isDown && left === 0 && !view.needsSignIn) return null;
	return (
		<div className={isDown ? "network-line network-down" : "network-line"}>
			<span aria-hidden="true">{isDown ? "⚠" : "✓"}</span>
			<div>
				<p role="status">
					{isDown && left === 0 && t("offline.none")}
					{isDown && left > 0 && t(left === 1 ? "offline.leftOne" : "offline.left", { count: left, until })}
					{!isDown && left > 0 && t(left === 1 ? "offline.readyOne" : "offline.ready", { count: left, until })}
				</p>
				{isDown && waiting > 0 && <p>{t("offline.waiting", { count: waiting })}</p>}
				{view.needsSignIn && (
					<p role="alert">
						{t("offline.signIn")} <a href={signInAddress("/desk/")}>{t("offline.signInLink")}</a>
					</p>
				)}
			</div>
		</div>
	);
}
