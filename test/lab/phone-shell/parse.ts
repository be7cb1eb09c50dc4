import type { Pipeline, Redirect, Sequence, ShellCommand, Word } from "./syntax.ts";
import { ShellSyntaxError, type Token, tokenize } from "./tokens.ts";

/** The part of mksh that scripts over adb use: lists, pipes, redirections, if, while, until, for, case, functions, groups. No here-documents. */
export function parse(script: string): Sequence {
	const parser = new Parser(tokenize(script));
	const sequence = parser.sequence([]);
	parser.end();
	return sequence;
}

class Parser {
	#at = 0;

	constructor(readonly tokens: readonly Token[]) {}

	end(): void {
		if (this.#at < this.tokens.length) throw new ShellSyntaxError(`unexpected '${describe(this.tokens[this.#at])}'`);
	}

	/** Up to one of the reserved words, or the end. */
	sequence(until: readonly string[]): Sequence {
		const pipelines: Pipeline[] = [];
		let after: Pipeline["after"] = ";";
		for (;;) {
			while (this.#operator(";") || this.#operator("\n")) after = ";";
			const token = this.tokens[this.#at];
			if (!token || (token.kind === "operator" && (token.text === ")" || token.text === ";;"))) break;
			if (token.kind === "word" && token.plain !== undefined && until.includes(token.plain)) break;
			pipelines.push({ ...this.#pipeline(), after });
			if (this.#operator("&&")) after = "&&";
			else if (this.#operator("||")) after = "||";
			else if (this.#operator(";") || this.#operator("\n") || this.#operator("&")) after = ";";
			else break;
		}
		return pipelines;
	}

	#pipeline(): Omit<Pipeline, "after"> {
		const negated = this.#reserved("!");
		const commands = [this.#command()];
		while (this.#operator("|")) {
			while (this.#operator("\n"));
			commands.push(this.#command());
		}
		return { negated, commands };
	}

	#command(): ShellCommand {
		if (this.#operator("(")) {
			const body = this.sequence([]);
			if (!this.#operator(")")) throw new ShellSyntaxError("missing )");
			return {
				kind: "group",
				body,
				subshell: true,
				redirects: this.#redirects(),
			};
		}
		if (this.#reserved("{")) {
			const body = this.sequence(["}"]);
			this.#expect("}");
			return {
				kind: "group",
				body,
				subshell: false,
				redirects: this.#redirects(),
			};
		}
		if (this.#reserved("if")) return this.#if();
		if (this.#reserved("while")) return this.#loop(false);
		if (this.#reserved("until")) return this.#loop(true);
		if (this.#reserved("for")) return this.#for();
		if (this.#reserved("case")) return this.#case();
		const name = this.#functionName();
		if (name !== undefined) {
			while (this.#operator("\n"));
			return { kind: "function", name, body: this.#command(), redirects: [] };
		}
		return this.#simple();
	}

	#if(): ShellCommand {
		const branches: { condition: Sequence; body: Sequence }[] = [];
		let otherwise: Sequence | undefined;
		do {
			const condition = this.sequence(["then"]);
			this.#expect("then");
			branches.push({ condition, body: this.sequence(["elif", "else", "fi"]) });
		} while (this.#reserved("elif"));
		if (this.#reserved("else")) otherwise = this.sequence(["fi"]);
		this.#expect("fi");
		return {
			kind: "if",
			branches,
			...(otherwise ? { otherwise } : {}),
			redirects: this.#redirects(),
		};
	}

	#loop(until: boolean): ShellCommand {
		const condition = this.sequence(["do"]);
		this.#expect("do");
		const body = this.sequence(["done"]);
		this.#expect("done");
		return {
			kind: "while",
			condition,
			until,
			body,
			redirects: this.#redirects(),
		};
	}

	#for(): ShellCommand {
		const token = this.tokens[this.#at];
		if (token?.kind !== "word" || token.plain === undefined) throw new ShellSyntaxError("for without a name");
		this.#at += 1;
		const words: Word[] = [];
		if (this.#reserved("in")) for (let word = this.#word(); word; word = this.#word()) words.push(word);
		while (this.#operator(";") || this.#operator("\n"));
		this.#expect("do");
		const body = this.sequence(["done"]);
		this.#expect("done");
		return {
			kind: "for",
			name: token.plain,
			words,
			body,
			redirects: this.#redirects(),
		};
	}

	#case(): ShellCommand {
		const subject = this.#word();
		if (!subject) throw new ShellSyntaxError("case without a word");
		this.#expect("in");
		const branches: { patterns: Word[]; body: Sequence }[] = [];
		for (;;) {
			while (this.#operator("\n"));
			if (this.#reserved("esac"))
				return {
					kind: "case",
					subject,
					branches,
					redirects: this.#redirects(),
				};
			this.#operator("(");
			const patterns: Word[] = [];
			do {
				const pattern = this.#word();
				if (!pattern) throw new ShellSyntaxError("case without a pattern");
				patterns.push(pattern);
			} while (this.#operator("|"));
			if (!this.#operator(")")) throw new ShellSyntaxError("missing )");
			branches.push({ patterns, body: this.sequence(["esac"]) });
			this.#operator(";;");
		}
	}

	/** `name()`, taken; otherwise nothing is. */
	#functionName(): string | undefined {
		const [name, open, close] = this.tokens.slice(this.#at, this.#at + 3);
		if (name?.kind !== "word" || open?.kind !== "operator" || close?.kind !== "operator") return undefined;
		if (open.text !== "(" || close.text !== ")") return undefined;
		this.#at += 3;
		return name.plain;
	}

	#simple(): ShellCommand {
		const assignments: { name: string; value: Word }[] = [];
		const words: Word[] = [];
		const redirects: Redirect[] = [];
		for (;;) {
			const more = this.#redirects();
			redirects.push(...more);
			const word = this.#word();
			if (word) {
				const assignment = words.length === 0 ? assignmentOf(word) : undefined;
				if (assignment) assignments.push(assignment);
				else words.push(word);
			} else if (more.length === 0) {
				break;
			}
		}
		if (assignments.length + words.length + redirects.length === 0) {
			throw new ShellSyntaxError(`unexpected '${describe(this.tokens[this.#at])}'`);
		}
		return { kind: "simple", assignments, words, redirects };
	}

	#redirects(): Redirect[] {
		const redirects: Redirect[] = [];
		for (;;) {
			const token = this.tokens[this.#at];
			const [, fd, operator] = (token?.kind === "operator" && /^([012]?)(>>|>&|<|>)$/.exec(token.text)) || [];
			if (operator !== "<" && operator !== ">" && operator !== ">>" && operator !== ">&") return redirects;
			this.#at += 1;
			const target = this.#word();
			if (!target) throw new ShellSyntaxError("redirection to nowhere");
			const number = fd ? Number(fd) : operator === "<" ? 0 : 1;
			redirects.push({
				fd: number === 0 ? 0 : number === 2 ? 2 : 1,
				operator,
				target,
			});
		}
	}

	#word(): Word | undefined {
		const token = this.tokens[this.#at];
		if (token?.kind !== "word") return undefined;
		this.#at += 1;
		return token.word;
	}

	#operator(text: string): boolean {
		const token = this.tokens[this.#at];
		if (token?.kind !== "operator" || token.text !== text) return false;
		this.#at += 1;
		return true;
	}

	#reserved(text: string): boolean {
		const token = this.tokens[this.#at];
		if (token?.kind !== "word" || token.plain !== text) return false;
		this.#at += 1;
		return true;
	}

	#expect(text: string): void {
		if (!this.#reserved(text)) throw new ShellSyntaxError(`missing '${text}'`);
	}
}

function assignmentOf(word: Word): { name: string; value: Word } | undefined {
	const first = word[0];
	if (first?.kind !== "text" || first.quoted) return undefined;
	const [all, name] = /^([A-Za-z_]\w*)=/.exec(first.text) ?? [];
	if (all === undefined || name === undefined) return undefined;
	return {
		name,
		value: [{ ...first, text: first.text.slice(all.length) }, ...word.slice(1)],
	};
}

function describe(token: Token | undefined): string {
	if (!token) return "end of script";
	return token.kind === "operator" ? token.text : (token.plain ?? "word");
}
