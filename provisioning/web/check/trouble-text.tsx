import { useTranslation } from "react-i18next";

import type { Trouble } from "../frame/trouble.ts";

interface TroubleTextProps {
	readonly trouble: Trouble;
	/** It came of comparing a phone in hand: the limit is that phone's, whoever asked. */
	readonly isOfHand?: boolean;
}

/** What did not work, and what to do, in one line. */
export function TroubleText({ trouble, isOfHand = false }: TroubleTextProps) {
	const { t } = useTranslation();
	const { kind, minutes } = trouble;
	const text =
		kind === "offline"
			? t("trouble.offline")
			: kind === "wait"
				? isOfHand
					? t("trouble.waitHand", { minutes })
					: t("trouble.wait", { minutes })
				: t("trouble.other");
	return <p className="field-error">{text}</p>;
}
