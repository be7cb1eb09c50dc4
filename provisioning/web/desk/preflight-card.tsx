import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { createRegistryCaller, type RegistryAddress } from "../../registry/clients/registry-call.ts";
import { AgentApkFacts } from "../../registry/enrollment/desk-request.ts";
import { Heading } from "./heading.tsx";
import { isAgentKept, keptVouchers } from "./offline/kept-session.ts";
import { type PreflightCheck, runPreflight, thisBrowser } from "./preflight.ts";

interface PreflightCardProps {
	readonly address: RegistryAddress;
	readonly onGood: () => void;
}

/** W1: what must be right before a phone is plugged in, each line with its remedy. */
export function PreflightCard({ address, onGood }: PreflightCardProps) {
	const { t } = useTranslation();
	const [checks, setChecks] = useState<readonly PreflightCheck[]>();
	const look = useCallback(async () => {
		setChecks(undefined);
		const caller = createRegistryCaller({ ...address, attempts: 1 });
		const askForAgent = () => caller.json({ method: "GET", path: "/v1/agent-apk", answer: AgentApkFacts });
		setChecks(await runPreflight(thisBrowser({ askForAgent, isPrepared })));
	}, [address]);
	useEffect(() => void look(), [look]);
	const bad = checks?.filter(({ isGood }) => !isGood) ?? [];
	const hasNoUsb = bad.some(({ name }) => name === "browser" || name === "policy");
	return (
		<section className={checks === undefined ? "card" : bad.length > 0 ? "card grave" : "card good"}>
			<Heading>{t("preflight.heading")}</Heading>
			<p role="status">{t(checks === undefined ? "preflight.looking" : bad.length > 0 ? "preflight.bad" : "preflight.good")}</p>
			{checks && (
				<ul className="checks">
					{checks.map(({ name, isGood, isWithout, values }) => (
						<li key={name} className={isGood ? "check-good" : "check-bad"}>
							<span aria-hidden="true">{isGood ? "✓" : "✗"}</span>
							<span>
								<strong>{t(`preflight.names.${name}`)}</strong>:{" "}
								{isWithout
									? t(`preflight.without.${name}`)
									: isGood
										? t("preflight.fine")
										: t(`preflight.remedies.${name}`, values ?? {})}
							</span>
						</li>
					))}
				</ul>
			)}
			{hasNoUsb && <CommandLineInstead />}
			<div className="row">
				{checks && bad.length === 0 && (
					<button type="button" className="main-button" onClick={onGood}>
						{t("preflight.next")}
					</button>
				)}
				{bad.length > 0 && (
					<button type="button" className="main-button" onClick={() => void look()}>
						{t("preflight.again")}
					</button>
				)}
			</div>
		</section>
	);
}

/** Anything that was made ready counts, also what has ended: the clerk is told so where the contract is found. */
async function isPrepared(): Promise<boolean> {
	return (await keptVouchers()).length > 0 && (await isAgentKept());
}

/** The same work without this browser. */
function CommandLineInstead() {
	const { t } = useTranslation();
	return (
		<div className="aside">
			<p>{t("preflight.cli")}</p>
			<pre>{`holdfast enroll CONTRACT --registry ${location.origin} --token-file FILE`}</pre>
		</div>
	);
}
