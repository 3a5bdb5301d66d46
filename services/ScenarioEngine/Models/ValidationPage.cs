using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Twin.ScenarioEngine.Models;

/// <summary>The validation page: every model with its card and its checks, for people. Without script and without anything from elsewhere.</summary>
internal static class ValidationPage
{
    private const string Style =
        "body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:75rem;padding:1rem;color:#16202a;background:#fff}"
        + "a{color:#0b5394}table{border-collapse:collapse;width:100%;font-size:.9rem}caption{text-align:left;padding:.25rem 0}"
        + "th,td{border-bottom:1px solid #c5ccd3;padding:.25rem .5rem;text-align:left;vertical-align:top}td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
        + ".scroll{overflow-x:auto}.missed{background:#fdecea}dt{font-weight:600}dd{margin:0 0 .5rem}h2{margin-top:2.5rem;border-top:2px solid #16202a;padding-top:.5rem}";

    /// <summary>What the page may load: its own style.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Writes it.</summary>
    public static string Html()
    {
        var (passed, count) = ValidationRows.Total;
        var page = new StringBuilder();
        page.Append(Number($"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Validation of the scenario models</title><style>{Style}</style></head>
            <body><main><h1>Validation of the scenario models</h1>
            <p>{count} checks against standards, papers and other programs; {passed} are within the range of their reference, {count - passed} are not, and say why. A check's range is the reference's own.</p>
            <nav aria-label="Models"><ul>

            """));
        foreach (var section in Sections())
        {
            page.Append(Number($"<li><a href=\"#{Text(section.Id)}\">{Text(section.Title)}</a>: {section.Rows.Count(static row => row.Passed)} of {section.Rows.Count}</li>\n"));
        }

        page.Append("</ul></nav>\n");
        foreach (var section in Sections())
        {
            Write(page, section);
        }

        return page.Append("</main></body></html>\n").ToString();
    }

    /// <summary>Models by their cards, then what stands under several of them.</summary>
    private static IEnumerable<Section> Sections() =>
    [
        .. ModelCatalogue.All.Select(static card => new Section(card.Id, card.Title, card, ValidationRows.Of(card.Id))),
        .. ValidationRows.All.Where(static one => ModelCatalogue.Find(one.Key) is null).Select(static one => new Section(one.Key, one.Key, null, one.Value)),
    ];

    private static void Write(StringBuilder page, Section section)
    {
        page.Append(Number($"<section id=\"{Text(section.Id)}\"><h2>{Text(section.Title)}</h2>\n"));
        if (section.Card is { } card)
        {
            page.Append(Number($"<dl><dt>Model</dt><dd><a href=\"models/{Text(card.Id)}\">{Text(card.Id)}</a> {Text(card.Version)}</dd><dt>Valid for</dt><dd>{Text(card.ValidFor)}</dd><dt>Not valid for</dt><dd>{Text(card.NotValidFor)}</dd><dt>Uncertainty</dt><dd>{Text(card.Uncertainty)}</dd></dl>\n"));
        }

        if (section.Rows.Count == 0)
        {
            page.Append("<p>No check against a reference yet.</p></section>\n");
            return;
        }

        page.Append(Number($"""
            <div class="scroll" tabindex="0" role="region" aria-label="Checks: {Text(section.Title)}"><table><caption>{section.Rows.Count(static row => row.Passed)} of {section.Rows.Count} within the reference</caption>
            <thead><tr><th scope="col">Check</th><th scope="col">Value</th><th scope="col">Reference</th><th scope="col">Unit</th><th scope="col">Verdict</th><th scope="col">Source</th></tr></thead><tbody>

            """));
        foreach (var row in section.Rows)
        {
            page.Append(Number($"<tr{(row.Passed ? "" : " class=\"missed\"")}><th scope=\"row\">{Text(row.Name)}</th><td class=\"n\">{row.Value:G6}</td><td class=\"n\">{Range(row)}</td><td>{Text(row.Unit)}</td><td>{(row.Passed ? "✓ within" : "✗ missed: " + Text(row.Missed ?? ""))}</td><td>{Text(row.Source)}</td></tr>\n"));
        }

        page.Append("</tbody></table></div></section>\n");
    }

    private static string Range(ValidationRow row) => row.Least == row.Most ? Number($"{row.Least:G6}") : Number($"{row.Least:G6} to {row.Most:G6}");

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private sealed record Section(string Id, string Title, ModelCard? Card, IReadOnlyList<ValidationRow> Rows);
}
