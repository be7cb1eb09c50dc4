import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SessionView, SignInMethods } from "../../registry/access/access-request.ts";
import { createAccessClient } from "../../registry/clients/access-client.ts";
import { reasonOfRefusal } from "../../registry/clients/registry-call.ts";
import { type Arrival, takeBack } from "./arrival.ts";
import { Home } from "./home.tsx";
import { InvitationCard } from "./invitation-card.tsx";
import { type ProblemName, problemOf, problemOfCode } from "./problem.ts";
import { ProblemAlert } from "./problem-alert.tsx";
import { SignInCard } from "./sign-in-card.tsx";

type Step =
	| { readonly name: "looking" }
	| { readonly name: "silent" }
	| { readonly name: "elsewhere"; readonly origin: string }
	| { readonly name: "invited"; readonly code: string; readonly methods: SignInMethods }
	| { readonly name: "nobody"; readonly methods: SignInMethods; readonly problem?: ProblemName }
	| { readonly name: "leaving" }
	| { readonly name: "home"; readonly session: SessionView };

/** Here nobody is sent to sign in: this is where. */
const CLIENT = () => createAccessClient({ url: location.origin, session: {} });

/** Sign-in, an invitation, or the pages of whoever is signed in. */
export function App({ arrival }: { readonly arrival: Arrival }) {
	const { t } = useTranslation();
	const [client] = useState(CLIENT);
	const [step, setStep] = useState<Step>({ name: "looking" });
	useEffect(() => {
		look(client, arrival).then(setStep, () => setStep({ name: "silent" }));
	}, [client, arrival]);
	const enter = (session: SessionView) => setStep(stepOf(session));
	switch (step.name) {
		case "looking":
		case "leaving":
			return <p role="status">{t("looking")}</p>;
		case "silent":
			return (
				<>
					<ProblemAlert name="unreachable" />
					<button type="button" className="main-button narrow" onClick={() => location.reload()}>
						{t("again")}
					</button>
				</>
			);
		case "elsewhere":
			return (
				<section className="card wait narrow" role="alert">
					<h2>{t("elsewhere.heading")}</h2>
					<p>{t("elsewhere.text")}</p>
					<a className="button main-button" href={`${step.origin}/sign-in/${hashOf(arrival)}`}>
						{step.origin}
					</a>
				</section>
			);
		case "invited":
			return <InvitationCard client={client} code={step.code} provider={step.methods.oidc?.name} onEntered={enter} />;
		case "nobody":
			return <SignInCard client={client} methods={step.methods} problem={step.problem} onEntered={enter} />;
		case "home":
			return <Home client={client} session={step.session} />;
	}
}

async function look(client: ReturnType<typeof CLIENT>, { invitation, problem }: Arrival): Promise<Step> {
	const methods = await client.signInMethods();
	if (methods.origin !== location.origin) return { name: "elsewhere", origin: methods.origin };
	// Whoever follows an invitation wants that, whoever else this browser knows.
	if (invitation !== undefined) return { name: "invited", code: invitation, methods };
	try {
		return stepOf(await client.session());
	} catch (error) {
		if (reasonOfRefusal(error) !== "UNAUTHORIZED") return { name: "nobody", methods, problem: problemOf(error) };
		return { name: "nobody", methods, ...(problem === undefined ? {} : { problem: problemOfCode(problem) }) };
	}
}

/** Back to where the person came from, or to the list of their pages. */
function stepOf(session: SessionView): Step {
	const back = takeBack();
	if (back === undefined) return { name: "home", session };
	location.assign(back);
	return { name: "leaving" };
}

function hashOf({ invitation }: Arrival): string {
	return invitation === undefined ? "" : `#${new URLSearchParams({ invitation })}`;
}
