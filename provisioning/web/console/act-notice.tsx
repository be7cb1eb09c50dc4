import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ActProps } from "./act-card.tsx";
import { ActForm } from "./act-form.tsx";
import { OrderSent } from "./act-order.tsx";
import { Choice, Field } from "./form-parts.tsx";
import { useServer } from "./server.ts";

const KINDS = ["information", "due_soon", "overdue", "lock_warning"] as const;
type Kind = (typeof KINDS)[number];
const REASONS = { information: "service", due_soon: "payment", overdue: "overdue", lock_warning: "overdue" } as const;

export function NoticeAct({ story, mayGoOn, onDone }: ActProps) {
	const { t, i18n } = useTranslation();
	const { admin } = useServer();
	const { languages } = story.terms;
	const [kind, setKind] = useState<Kind>();
	const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
	const written = languages.flatMap((language) => {
		const text = (texts[language] ?? "").replace(/\s+/g, " ").trim();
		return text === "" ? [] : [{ language, text }];
	});
	const whyNot = kind === undefined ? t("notice.choose") : written.length === 0 ? t("notice.text-missing") : undefined;
	const languageName = (tag: string) => new Intl.DisplayNames(i18n.language, { type: "language" }).of(tag) ?? tag;
	return (
		<ActForm
			mayGoOn={mayGoOn}
			onDone={onDone}
			sendText={t("acts.notice.name")}
			whyNot={whyNot}
			onSend={(requestId) =>
				admin.issueOrder(story.contract.contractId, {
					action: "notice",
					noticeId: requestId,
					kind: kind ?? "information",
					reason: REASONS[kind ?? "information"],
					texts: written,
					requestId,
				})
			}
			done={(order) => <OrderSent order={order} />}
		>
			<Choice
				legend={t("notice.kind")}
				value={kind}
				options={KINDS.map((name) => ({ name, text: t(`notice.${name}`) }))}
				onChoose={setKind}
			/>
			{languages.slice(0, 8).map((language) => (
				<Field key={language} label={t("notice.text", { language: languageName(language) })} hint={t("notice.hint")}>
					{(field) => (
						<textarea
							{...field}
							rows={3}
							maxLength={500}
							lang={language}
							value={texts[language] ?? ""}
							onChange={(event) => setTexts({ ...texts, [language]: event.target.value })}
						/>
					)}
				</Field>
			))}
		</ActForm>
	);
}
