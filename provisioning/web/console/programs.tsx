import { useState } from "react";
import { useTranslation } from "react-i18next";

import {
	OVERLAP_HOURS,
	PROGRAM_DAYS,
	PROGRAM_ROLES,
	type Program,
	type ProgramRequest,
	type ProgramRole,
	type ProgramToken,
} from "../../registry/access/program-request.ts";
import { ActForm } from "./act-form.tsx";
import { DataTable } from "./data-table.tsx";
import { Choice, Field } from "./form-parts.tsx";
import { ProblemNote } from "./problem-note.tsx";
import { RolesField } from "./roles-field.tsx";
import { useServer } from "./server.ts";
import { Badge } from "./standing-badge.tsx";
import { useLoad } from "./use-load.ts";
import { When } from "./when.tsx";

const SOON_SECONDS = 14 * 24 * 3600;
const STATION = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Stations, loan systems and scripts, each with a token of its own that ends. Admins change them; auditors read. */
export function Programs() {
	const { t } = useTranslation();
	const { access, may } = useServer();
	const { value: programs, problem, again } = useLoad("programs", () => access.listPrograms());
	const [chosen, setChosen] = useState<string>();
	const [isAdding, setAdding] = useState(false);
	const program = programs?.find(({ programId }) => programId === chosen);
	return (
		<section className="stack" aria-labelledby="programs-heading">
			<h3 id="programs-heading">{t("programs.caption")}</h3>
			<p className="muted">{t("programs.what")}</p>
			<ProblemNote problem={problem} onRetry={again} />
			{programs && (
				<div className="card">
					<ProgramTable
						programs={programs}
						chosen={chosen}
						onChoose={may.runs ? (id) => setChosen(id === chosen ? undefined : id) : undefined}
					/>
				</div>
			)}
			{program && program.revokedAtUnixSeconds === undefined && may.runs && (
				<ChangeProgram key={program.programId} program={program} onDone={again} />
			)}
			{may.runs && (
				<div className="row">
					<button type="button" aria-expanded={isAdding} onClick={() => setAdding(!isAdding)}>
						{t("programs.add")}
					</button>
				</div>
			)}
			{may.runs && isAdding && <AddProgram onDone={again} />}
		</section>
	);
}

interface ProgramTableProps {
	readonly programs: readonly Program[];
	readonly chosen: string | undefined;
	/** Absent for whoever only reads. */
	readonly onChoose: ((programId: string) => void) | undefined;
}

function ProgramTable({ programs, chosen, onChoose }: ProgramTableProps) {
	const { t } = useTranslation();
	const { t: frame } = useTranslation("frame");
	return (
		<DataTable
			caption={t("programs.caption")}
			isCaptionHidden
			rows={programs}
			keyOf={({ programId }) => programId}
			none={t("none")}
			columns={[
				{
					name: t("people.name"),
					cell: ({ name, station, programId }) => (
						<>
							{name}
							{station !== undefined && <span className="block muted">{`${t("programs.station")}: ${station}`}</span>}
							<code className="block muted">{programId}</code>
						</>
					),
				},
				{ name: t("people.roles"), cell: ({ roles }) => roles.map((role) => frame(`roles.${role}`)).join(", ") },
				{ name: t("records.state"), cell: (each) => <ProgramState program={each} /> },
				{
					name: t("programs.used"),
					cell: ({ lastUsedAtUnixSeconds: at }) => (at === undefined ? t("programs.never") : <When at={at} withDistance />),
				},
				...(onChoose
					? [
							{
								name: t("people.change"),
								cell: ({ programId, name, revokedAtUnixSeconds }: Program) =>
									revokedAtUnixSeconds === undefined ? (
										<button type="button" aria-expanded={programId === chosen} onClick={() => onChoose(programId)}>
											{t("people.change")}
											<span className="hidden"> {name}</span>
										</button>
									) : (
										"—"
									),
							},
						]
					: []),
			]}
		/>
	);
}

function ProgramState({ program }: { readonly program: Program }) {
	const { t } = useTranslation();
	const { revokedAtUnixSeconds, expiresAtUnixSeconds, earlierTokenUntilUnixSeconds } = program;
	if (revokedAtUnixSeconds !== undefined) return <Badge tone="bad" text={t("programs.revoked")} />;
	const left = expiresAtUnixSeconds - Date.now() / 1000;
	return (
		<>
			{left <= 0 ? (
				<Badge tone="bad" text={t("programs.over")} />
			) : left < SOON_SECONDS ? (
				<Badge tone="warn" text={t("programs.soon")} />
			) : (
				<Badge tone="good" text={t("programs.good")} />
			)}
			<span className="block muted">
				{t("people.good-until")} <When at={expiresAtUnixSeconds} />
			</span>
			{earlierTokenUntilUnixSeconds !== undefined && (
				<span className="block muted">
					{t("programs.earlier")} <When at={earlierTokenUntilUnixSeconds} />
				</span>
			)}
		</>
	);
}

interface DaysFieldProps {
	readonly text: string;
	readonly onText: (text: string) => void;
}

function DaysField({ text, onText }: DaysFieldProps) {
	const { t } = useTranslation();
	return (
		<Field label={t("programs.days")} hint={t("programs.days-hint", { most: PROGRAM_DAYS.most })}>
			{(field) => (
				<input {...field} inputMode="numeric" maxLength={3} value={text} onChange={(event) => onText(event.target.value)} />
			)}
		</Field>
	);
}

/** Days as they were typed; `undefined` if the registry would not take them. */
function daysIn(text: string): number | undefined {
	const days = /^\d{1,3}$/.test(text.trim()) ? Number(text) : 0;
	return days >= PROGRAM_DAYS.least && days <= PROGRAM_DAYS.most ? days : undefined;
}

function AddProgram({ onDone }: { readonly onDone: () => void }) {
	const { t } = useTranslation();
	const { access } = useServer();
	const [name, setName] = useState("");
	const [station, setStation] = useState("");
	const [days, setDays] = useState(String(PROGRAM_DAYS.usual));
	const [roles, setRoles] = useState<ProgramRole[]>([]);
	const wanted = daysIn(days);
	const request: ProgramRequest = {
		name: name.replace(/\s+/g, " ").trim(),
		roles,
		...(station.trim() === "" ? {} : { station: station.trim() }),
		...(wanted === undefined ? {} : { days: wanted }),
	};
	const whyNot =
		request.name === ""
			? t("people.name-missing")
			: station.trim() !== "" && !STATION.test(station.trim())
				? t("programs.station-wrong")
				: wanted === undefined
					? t("programs.days-wrong", { most: PROGRAM_DAYS.most })
					: roles.length === 0
						? t("people.roles-missing")
						: undefined;
	return (
		<section className="card" aria-labelledby="add-program-heading">
			<h4 id="add-program-heading">{t("programs.add")}</h4>
			<ActForm
				sendText={t("programs.make")}
				whyNot={whyNot}
				onDone={onDone}
				anotherText={t("programs.add-another")}
				onAnother={() => {
					setName("");
					setStation("");
					setRoles([]);
				}}
				onSend={() => access.addProgram(request)}
				done={(made) => <TokenNote made={made} />}
			>
				<Field label={t("people.name")}>
					{(field) => (
						<input {...field} maxLength={80} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
					)}
				</Field>
				<Field label={t("programs.station")} hint={t("programs.station-hint")}>
					{(field) => (
						<input
							{...field}
							maxLength={64}
							autoComplete="off"
							value={station}
							onChange={(event) => setStation(event.target.value)}
						/>
					)}
				</Field>
				<RolesField all={PROGRAM_ROLES} roles={roles} onRoles={setRoles} />
				<DaysField text={days} onText={setDays} />
			</ActForm>
		</section>
	);
}

function TokenNote({ made: { program, token } }: { readonly made: ProgramToken }) {
	const { t } = useTranslation();
	return (
		<div className="note good">
			<p>
				<strong>{t("programs.token", { name: program.name })}</strong>
			</p>
			<p>{t("programs.hand-over")}</p>
			<p>
				<code className="value">{token}</code>
			</p>
			<p>
				{t("people.good-until")} <When at={program.expiresAtUnixSeconds} />
			</p>
		</div>
	);
}

function ChangeProgram({ program, onDone }: { readonly program: Program; readonly onDone: () => void }) {
	const { t } = useTranslation();
	const { access } = useServer();
	const { programId, name } = program;
	const [days, setDays] = useState(String(PROGRAM_DAYS.usual));
	const [overlap, setOverlap] = useState<"day" | "none">("day");
	const wanted = daysIn(days);
	return (
		<section className="card" aria-labelledby="change-program-heading">
			<h4 id="change-program-heading">{t("people.change-heading", { name })}</h4>
			<ActForm
				sendText={t("programs.rotate")}
				whyNot={wanted === undefined ? t("programs.days-wrong", { most: PROGRAM_DAYS.most }) : undefined}
				onDone={onDone}
				onSend={() =>
					access.rotateProgram(programId, {
						...(wanted === undefined ? {} : { days: wanted }),
						overlapHours: overlap === "day" ? OVERLAP_HOURS.usual : 0,
					})
				}
				done={(made) => <TokenNote made={made} />}
			>
				<Choice
					legend={t("programs.overlap")}
					value={overlap}
					options={[
						{ name: "day", text: t("programs.overlap-day"), hint: t("programs.overlap-day-hint") },
						{ name: "none", text: t("programs.overlap-none"), hint: t("programs.overlap-none-hint") },
					]}
					onChoose={setOverlap}
				/>
				<DaysField text={days} onText={setDays} />
			</ActForm>
			<ActForm
				sendText={t("programs.revoke")}
				isGrave
				onDone={onDone}
				onSend={() => access.revokeProgram(programId)}
				done={() => (
					<p>
						<strong>{t("programs.revoked")}</strong>
					</p>
				)}
			>
				<p className="muted">{t("programs.revoke-what")}</p>
			</ActForm>
		</section>
	);
}
