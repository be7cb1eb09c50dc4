import { browserSupportsWebAuthn, startRegistration } from "@simplewebauthn/browser";
import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { OpenInvitation, SessionView } from "../../registry/access/access-request.ts";
import type { AccessClient } from "../../registry/clients/access-client.ts";
import { readRegistrationOptions } from "../frame/passkey-options.ts";
import { type ProblemName, problemOf } from "./problem.ts";
import { ProblemAlert } from "./problem-alert.tsx";

interface InvitationCardProps {
	readonly client: AccessClient;
	readonly code: string;
	/** Name of the identity provider, if there is one. */
	readonly provider: string | undefined;
	readonly onEntered: (session: SessionView) => void;
}

/** Whom an invitation is for, and the registration of their passkey. */
export function InvitationCard({ client, code, provider, onEntered }: InvitationCardProps) {
	const { t, i18n } = useTranslation();
	const { t: frame } = useTranslation("frame");
	const id = useId();
	const [invitation, setInvitation] = useState<OpenInvitation>();
	const [problem, setProblem] = useState<ProblemName>();
	const [isAsking, setAsking] = useState(false);
	useEffect(() => {
		client.openInvitation(code).then(setInvitation, (error: unknown) => setProblem(problemOf(error)));
	}, [client, code]);
	const register = async () => {
		if (isAsking) return;
		setAsking(true);
		setProblem(undefined);
		try {
			// Asked for anew: each challenge is good for one attempt of a few minutes.
			const { challengeId, options } = await client.openInvitation(code);
			const response = await startRegistration({ optionsJSON: readRegistrationOptions(options) });
			onEntered(await client.acceptInvitation({ code, challengeId, response: { ...response } }));
		} catch (error) {
			setProblem(problemOf(error));
		} finally {
			setAsking(false);
		}
	};
	const until = (seconds: number) =>
		new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" }).format(seconds * 1000);
	return (
		<>
			{problem !== undefined && <ProblemAlert name={problem} />}
			{!invitation && problem === undefined && <p role="status">{t("looking")}</p>}
			{!invitation && problem !== undefined && (
				<a className="button narrow" href="/sign-in/">
					{t("invitation.have-one")}
				</a>
			)}
			{invitation && (
				<section className="card good narrow" aria-labelledby={id}>
					<h2 id={id}>{t("invitation.heading", { name: invitation.name })}</h2>
					<dl className="facts">
						<dt>{t("invitation.roles")}</dt>
						<dd>{invitation.roles.map((role) => frame(`roles.${role}`)).join(", ")}</dd>
						<dt>{t("invitation.until")}</dt>
						<dd>{until(invitation.expiresAtUnixSeconds)}</dd>
					</dl>
					<p>{t("invitation.text")}</p>
					{browserSupportsWebAuthn() ? (
						<button type="button" className="main-button big-button" aria-disabled={isAsking} onClick={() => void register()}>
							{t("invitation.register")}
						</button>
					) : (
						<p className="field-error">{t("sign-in.no-way")}</p>
					)}
					{provider !== undefined && <p className="muted">{t("invitation.provider", { name: provider })}</p>}
					<p role="status" className="muted">
						{isAsking ? t("sign-in.asking") : ""}
					</p>
					<p className="muted">{t("invitation.not-you")}</p>
				</section>
			)}
		</>
	);
}
