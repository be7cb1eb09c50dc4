import { browserSupportsWebAuthn, startAuthentication } from "@simplewebauthn/browser";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SessionView, SignInMethods } from "../../registry/access/access-request.ts";
import type { AccessClient } from "../../registry/clients/access-client.ts";
import { readPasskeyOptions } from "../frame/passkey-options.ts";
import { type ProblemName, problemOf } from "./problem.ts";
import { ProblemAlert } from "./problem-alert.tsx";

interface SignInCardProps {
	readonly client: AccessClient;
	readonly methods: SignInMethods;
	readonly problem: ProblemName | undefined;
	readonly onEntered: (session: SessionView) => void;
}

/** Sign in with a passkey, or through the lender's identity provider. */
export function SignInCard({ client, methods, problem: first, onEntered }: SignInCardProps) {
	const { t } = useTranslation();
	const id = useId();
	const [problem, setProblem] = useState(first);
	const [isAsking, setAsking] = useState(false);
	const canPasskey = methods.passkey && browserSupportsWebAuthn();
	const signIn = async () => {
		if (isAsking) return;
		setAsking(true);
		setProblem(undefined);
		try {
			const { challengeId, options } = await client.startPasskeySignIn();
			const response = await startAuthentication({ optionsJSON: readPasskeyOptions(options) });
			onEntered(await client.finishPasskeySignIn({ challengeId, response: { ...response } }));
		} catch (error) {
			setProblem(problemOf(error));
		} finally {
			setAsking(false);
		}
	};
	return (
		<>
			{problem !== undefined && <ProblemAlert name={problem} />}
			<section className="card narrow" aria-labelledby={id}>
				<h2 id={id}>{t("sign-in.heading")}</h2>
				{canPasskey && (
					<>
						<p>{t("sign-in.passkey-text")}</p>
						<button type="button" className="main-button big-button" aria-disabled={isAsking} onClick={() => void signIn()}>
							{t("sign-in.passkey")}
						</button>
					</>
				)}
				{methods.oidc && (
					<a className={canPasskey ? "button big-button" : "button main-button big-button"} href="/v1/session/oidc/start">
						{t("sign-in.provider", { name: methods.oidc.name })}
					</a>
				)}
				{!canPasskey && !methods.oidc && <p className="field-error">{t("sign-in.no-way")}</p>}
				<p role="status" className="muted">
					{isAsking ? t("sign-in.asking") : ""}
				</p>
				<p className="muted">{t("sign-in.no-account")}</p>
			</section>
		</>
	);
}
