import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { HoldKind } from "../../registry/contracts/contract-story-request.ts";
import type { ActProps } from "./act-card.tsx";
import { ActForm } from "./act-form.tsx";
import { OrderSent } from "./act-order.tsx";
import { Choice, Field } from "./form-parts.tsx";
import { fieldTime, readFieldTime } from "./moment.ts";
import { useServer } from "./server.ts";
import { When } from "./when.tsx";

const DAY = 24 * 3600;
/** What each kind begins with, in days; it can be changed. */
const USUAL_DAYS: Readonly<Record<HoldKind, number>> = { dispute: 14, promise_to_pay: 5, disaster: 30, clearing: 2 };
const REASONS = { dispute: "dispute", promise_to_pay: "promise_to_pay", disaster: "disaster", clearing: "payment" } as const;
const KINDS = ["dispute", "promise_to_pay", "disaster", "clearing"] as const;

export function HoldAct({ story, mayGoOn, onDone }: ActProps) {
	const { t } = useTranslation();
	const { admin } = useServer();
	const [kind, setKind] = useState<HoldKind>();
	const [until, setUntil] = useState("");
	const untilUnixSeconds = readFieldTime(until);
	const choose = (name: HoldKind) => {
		setKind(name);
		setUntil(fieldTime(Date.now() / 1000 + USUAL_DAYS[name] * DAY));
	};
	const whyNot =
		kind === undefined
			? t("hold.choose")
			: untilUnixSeconds === undefined || untilUnixSeconds * 1000 <= Date.now()
				? t("hold.until-wrong")
				: undefined;
	return (
		<ActForm
			mayGoOn={mayGoOn}
			onDone={onDone}
			sendText={t("acts.hold.name")}
			whyNot={whyNot}
			onSend={(requestId) =>
				admin.issueOrder(story.contract.contractId, {
					action: "hold",
					kind: kind ?? "dispute",
					reason: REASONS[kind ?? "dispute"],
					untilUnixSeconds: untilUnixSeconds ?? 0,
					requestId,
				})
			}
			done={(order) => <OrderSent order={order} />}
		>
			<Choice
				legend={t("hold.kind")}
				value={kind}
				options={KINDS.map((name) => ({ name, text: t(`hold.${name}`), hint: t(`hold.${name}-hint`) }))}
				onChoose={choose}
			/>
			<Field label={t("hold.until")} hint={t("your-time")}>
				{(field) => <input {...field} type="datetime-local" value={until} onChange={(event) => setUntil(event.target.value)} />}
			</Field>
			{untilUnixSeconds !== undefined && (
				<p className="muted">
					<When at={untilUnixSeconds} phoneOffset={story.terms.quietHours?.utcOffsetMinutes} withDistance />
				</p>
			)}
		</ActForm>
	);
}
