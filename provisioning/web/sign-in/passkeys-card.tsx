import { browserSupportsWebAuthn, startRegistration } from "@simplewebauthn/browser";
import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Passkey, SessionView } from "../../registry/access/access-request.ts";
import { type AccessClient, createAccessClient } from "../../registry/clients/access-client.ts";
import { Dialog } from "../frame/dialog.tsx";
import { readRegistrationOptions } from "../frame/passkey-options.ts";
import { pageAddress } from "../frame/session.ts";
import { type ProblemName, problemOf } from "./problem.ts";
import { ProblemAlert } from "./problem-alert.tsx";

interface PasskeysCardProps {
	readonly client: AccessClient;
	readonly session: SessionView;
}

/** One's own passkeys: a second one, on another device, is what helps when the first is lost. */
export function PasskeysCard({ client, session }: PasskeysCardProps) {
	const { t, i18n } = useTranslation();
	const id = useId();
	// Asks for the passkey again where an act needs it.
	const [careful] = useState(() => createAccessClient(pageAddress()));
	const [passkeys, setPasskeys] = useState<readonly Passkey[]>();
	const [problem, setProblem] = useState<ProblemName>();
	const [toRemove, setToRemove] = useState<Passkey>();
	const [said, setSaid] = useState<"added" | "removed">();
	useEffect(() => {
		client.listPasskeys().then(setPasskeys, (error: unknown) => setProblem(problemOf(error)));
	}, [client]);
	const change = async (done: "added" | "removed", work: () => Promise<readonly Passkey[]>) => {
		setProblem(undefined);
		setSaid(undefined);
		try {
			setPasskeys(await work());
			setSaid(done);
		} catch (error) {
			setProblem(problemOf(error));
		}
		return true;
	};
	const add = async () => {
		const { challengeId, options } = await careful.startPasskey();
		const response = await startRegistration({ optionsJSON: readRegistrationOptions(options) });
		return careful.finishPasskey({ challengeId, response: { ...response } });
	};
	const day = (seconds: number) => new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium" }).format(seconds * 1000);
	return (
		<section className="card narrow" aria-labelledby={id}>
			<h2 id={id}>{t("passkeys.heading")}</h2>
			<p>{t(session.hasPasskey ? "passkeys.text" : "passkeys.none")}</p>
			{problem !== undefined && <ProblemAlert name={problem} />}
			{passkeys && passkeys.length > 0 && (
				<ul className="passkey-list">
					{passkeys.map((passkey) => (
						<li key={passkey.passkeyId}>
							<span>
								<strong>{t(passkey.isSynced ? "passkeys.synced" : "passkeys.device")}</strong>
								<br />
								<span className="muted">
									{t("passkeys.made", { day: day(passkey.createdAtUnixSeconds) })}
									{passkey.lastUsedAtUnixSeconds !== undefined &&
										` · ${t("passkeys.used", { day: day(passkey.lastUsedAtUnixSeconds) })}`}
								</span>
							</span>
							<button type="button" onClick={() => setToRemove(passkey)}>
								{t("passkeys.remove")}
							</button>
						</li>
					))}
				</ul>
			)}
			{browserSupportsWebAuthn() && (
				<div className="row">
					<button type="button" className="main-button" onClick={() => void change("added", add)}>
						{t("passkeys.add")}
					</button>
				</div>
			)}
			<p role="status" className="muted">
				{said === undefined ? "" : t(`passkeys.${said}`)}
			</p>
			{toRemove && (
				<Dialog
					heading={t("passkeys.remove-heading")}
					sendText={t("passkeys.remove")}
					canSend
					isGrave
					onClose={() => setToRemove(undefined)}
					onSend={() => change("removed", () => careful.removePasskey(toRemove.passkeyId))}
				>
					<p>{t("passkeys.remove-text", { day: day(toRemove.createdAtUnixSeconds) })}</p>
				</Dialog>
			)}
		</section>
	);
}
