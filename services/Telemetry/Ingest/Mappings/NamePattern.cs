using Twin.Telemetry.Ingest.Csv;

namespace Twin.Telemetry.Ingest.Mappings;

/// <summary>The form of names, with fields in braces: <c>urn:dev:ow:{device}:{measured}</c>. A field is as short as it can be, and never empty.</summary>
internal sealed class NamePattern
{
    private readonly RowTemplate form;

    private NamePattern(RowTemplate form) => this.form = form;

    /// <summary>The fields.</summary>
    public IEnumerable<string> Fields => form.Fields;

    /// <summary>Makes a pattern of a text with fields; null when nothing stands between two of them.</summary>
    public static NamePattern? Of(RowTemplate form) => form.Parts.Skip(1).SkipLast(1).All(static part => part.Before.Length > 0) ? new NamePattern(form) : null;

    /// <summary>The fields of a name; null when it is of another form.</summary>
    public Dictionary<string, string>? Match(string name)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var at = 0;
        for (var i = 0; i < form.Parts.Length; i++)
        {
            var (before, field) = form.Parts[i];
            if (!name.AsSpan(at).StartsWith(System.Text.Encoding.UTF8.GetString(before), StringComparison.Ordinal))
            {
                return null;
            }

            at += before.Length;
            if (field is null)
            {
                return at == name.Length ? fields : null;
            }

            var next = System.Text.Encoding.UTF8.GetString(form.Parts[i + 1].Before);
            var isLast = i == form.Parts.Length - 2;
            var end = isLast ? name.Length - next.Length : at + 1 <= name.Length ? name.IndexOf(next, at + 1, StringComparison.Ordinal) : -1;
            if (end <= at)
            {
                return null;
            }

            fields[field] = name[at..end];
            at = end;
        }

        return null;
    }
}
