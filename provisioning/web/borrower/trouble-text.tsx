import { useTranslation } from "react-i18next";

import type { Trouble } from "../frame/trouble.ts";

/** A trouble, or the one that is this page's own: number and code that do not belong together. */
export type ToldTrouble = Trouble | { readonly kind: "wrongCode"; readonly minutes?: number };

/** What did not work, and what to do, in one line. */
export function TroubleText({ trouble }: { readonly trouble: ToldTrouble | undefined }) {
	const { t } = useTranslation();
	if (!trouble) return null;
	return <p className="field-error">{textOf()}</p>;

	function textOf(): string {
		switch (trouble?.kind) {
			case "offline":
				return t("trouble.offline");
			case "wrongCode":
				return t("trouble.wrongCode");
			case "wait":
				return t("trouble.wait", { minutes: trouble.minutes });
			case "misread":
				return t("trouble.misread");
			case "noCode":
				return t("trouble.noCode");
			case "ended":
				return t("trouble.ended");
			case "notSignedIn":
				return t("session.notSignedIn");
			default:
				return t("trouble.other");
		}
	}
}
