import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { ContractStory } from "../../registry/contracts/contract-story-request.ts";
import { CodeAct, ReleaseCodeAct } from "./act-code.tsx";
import { HoldAct } from "./act-hold.tsx";
import { NoticeAct } from "./act-notice.tsx";
import { PaymentAct, PayoffAct } from "./act-payment.tsx";
import { RestrictAct } from "./act-restrict.tsx";
import { RestoreAct, ServiceAct } from "./act-service.tsx";
import type { ActName } from "./place.ts";
import { AppealDecisionAct, InClearingAct, LockedInErrorAct, PaidButLockedAct, ReturnAct } from "./support-acts.tsx";

/** What every act is given. */
export interface ActProps {
	readonly story: ContractStory;
	/** Whether the contract is still as it was read; asked before anything is sent. */
	readonly mayGoOn: () => Promise<boolean>;
	readonly onDone: () => void;
	readonly onClose: () => void;
}

const FORMS: Readonly<Record<ActName, (props: ActProps) => React.ReactNode>> = {
	payment: PaymentAct,
	notice: NoticeAct,
	hold: HoldAct,
	restrict: RestrictAct,
	restore: RestoreAct,
	service: ServiceAct,
	code: CodeAct,
	payoff: PayoffAct,
	"release-code": ReleaseCodeAct,
	"paid-but-locked": PaidButLockedAct,
	"locked-in-error": LockedInErrorAct,
	"in-clearing": InClearingAct,
	return: ReturnAct,
	appeal: AppealDecisionAct,
};

/** One act in a card: what it does, its form, and what came of it. Gets the focus when it opens. */
export function ActCard({ act, ...props }: ActProps & { readonly act: ActName }) {
	const { t } = useTranslation();
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => heading.current?.focus(), []);
	const Form = FORMS[act];
	return (
		<section className={act === "restrict" ? "card act grave" : "card act"} aria-labelledby="act-heading">
			<div className="row">
				<h3 id="act-heading" ref={heading} tabIndex={-1} className="grow">
					{t(`acts.${act}.name`)}
				</h3>
				<button type="button" className="no-print" onClick={props.onClose}>
					{t("close")}
				</button>
			</div>
			<p>{t(`acts.${act}.what`)}</p>
			<Form {...props} />
		</section>
	);
}
