import { hash } from 'node:crypto';

/** Text that is already HTML. */
export interface Html {
	readonly html: string;
}

/** Builds HTML. Every value that is not HTML itself is escaped. */
export function html(strings: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
	const parts = values.map((value) => {
		if (typeof value === 'string') return escaped(value);
		return 'html' in value ? value.html : value.map((each) => each.html).join('');
	});
	return { html: String.raw({ raw: strings }, ...parts) };
}

function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --line: #767676; --accent: #1a56a8; --on-accent: #fff; }
@media (prefers-color-scheme: dark) { :root { --line: #9a9a9a; --accent: #8ab4f8; --on-accent: #10233f; } }
body { margin: 0; padding: 1rem; }
main { max-width: 26rem; margin: 6vh auto 0; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
fieldset { border: 1px solid var(--line); border-radius: .5rem; margin: 1rem 0; padding: .5rem 1rem .75rem; }
legend { font-weight: 600; padding: 0 .25rem; }
label { display: flex; gap: .5rem; align-items: center; padding: .3rem 0; }
input[type=text] { font: inherit; flex: 1; min-width: 0; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: .25rem; }
button { font: inherit; padding: .5rem 1rem; border: 1px solid var(--accent); border-radius: .375rem; background: none; color: var(--accent); }
button.first { background: var(--accent); color: var(--on-accent); }
button:focus-visible, input:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.25rem; }
.problem { border-left: 4px solid #c5221f; padding: .25rem .75rem; }
.note { color: color-mix(in srgb, CanvasText 75%, Canvas); font-size: .9rem; }
`;

/**
 * The pages need nothing but their own style. They say nothing about `form-action`: a browser also
 * applies it to where a form's answer redirects to, which is the client's callback and whatever
 * that redirects to.
 */
const contentSecurityPolicy = [
	"default-src 'none'",
	`style-src 'sha256-${hash('sha256', style, 'base64')}'`,
	"base-uri 'none'",
	"frame-ancestors 'none'",
].join('; ');

export const pageHeaders = {
	'content-type': 'text/html; charset=utf-8',
	'content-security-policy': contentSecurityPolicy,
	'cache-control': 'no-store',
	// With `no-referrer`, browsers send the form with `Origin: null`, and the issuer would refuse it.
	'referrer-policy': 'same-origin',
	'x-content-type-options': 'nosniff',
};

export function page(title: string, content: Html): string {
	return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – local issuer</title>
<style>${{ html: style }}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
<p class="note">This is the issuer of your local region. It is for tests, and asks for no password.</p>
</main>
</body>
</html>
`.html;
}
