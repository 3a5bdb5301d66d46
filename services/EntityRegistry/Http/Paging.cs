using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Twin.NgsiLd;
using Twin.NgsiLd.Representations;

namespace Twin.EntityRegistry.Http;

/// <summary>Pages of a list (GS CIM 009 6.3.10): limit, offset, count, and the links from page to page.</summary>
/// <param name="Limit">Elements on a page; 0 only counts.</param>
/// <param name="Offset">Elements before the page.</param>
/// <param name="Count">Whether the total is asked for.</param>
/// <param name="After">
/// The place after which the page starts (<c>pageAfter</c>); null for an offset. It is a place in creation order, or an entity id
/// where the answer is in the order of ids: with <c>orderBy=id</c>, and where other sources are asked too. The header
/// <c>Twin-Next</c> refers to the next page by it, so that a walk through all pages neither repeats nor misses what was
/// there when it began, whatever is created or deleted meanwhile. The Link header goes by offset, as 6.3.10 has it.
/// </param>
internal readonly record struct Paging(int Limit, int Offset, bool Count, string? After)
{
    /// <summary>The header that refers to the next page by <see cref="After"/>.</summary>
    public const string NextHeader = "Twin-Next";

    /// <summary>Elements on a page when the request does not say.</summary>
    public const int DefaultLimit = 20;

    /// <summary>Elements that a page holds at most.</summary>
    public const int MostLimit = 1_000;

    /// <summary>Reads limit, offset, count and pageAfter.</summary>
    /// <exception cref="NgsiLdException">BadRequestData when one is out of range.</exception>
    public static Paging Of(HttpContext http)
    {
        if (!http.Request.QueryString.HasValue)
        {
            return new Paging(DefaultLimit, 0, false, null);
        }

        bool count = NgsiLdRequest.Flag(http, "count");
        int limit = Number(http, "limit", count ? 0 : 1, MostLimit, DefaultLimit);
        int offset = Number(http, "offset", 0, int.MaxValue - MostLimit, 0);
        string? after = http.Request.Query["pageAfter"];
        if (after is null)
        {
            return new Paging(limit, offset, count, null);
        }

        return IsSequence(after) || Uris.IsAbsolute(after)
            ? new Paging(limit, offset, count, after)
            : throw Unknown();
    }

    /// <summary>The place in creation order after which the page starts; null for an offset.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: the page was one of another order.</exception>
    public long? AfterSequence => After is null ? null : IsSequence(After) ? long.Parse(After, CultureInfo.InvariantCulture) : throw Unknown();

    /// <summary>Whether the page starts after an id.</summary>
    public bool IsAfterId => After is not null && !IsSequence(After);

    /// <summary>The id after which the page starts; null for an offset.</summary>
    /// <exception cref="NgsiLdException">BadRequestData: the page was one of another order.</exception>
    public string? AfterId => After is null || !IsSequence(After) ? After : throw Unknown();

    /// <summary>Writes NGSILD-Results-Count and the Link headers to the pages around this one.</summary>
    /// <param name="http">The request and its answer.</param>
    /// <param name="path">The resource's path.</param>
    /// <param name="total">How many there are in all, when it was counted.</param>
    /// <param name="more">Whether something follows this page.</param>
    /// <param name="last">The place of the page's last element (<see cref="After"/>); null when pages go by offset.</param>
    public void WriteHeaders(HttpContext http, string path, long total, bool more, string? last = null)
    {
        if (Count)
        {
            http.Response.Headers["NGSILD-Results-Count"] = total.ToString(CultureInfo.InvariantCulture);
        }

        if (Limit == 0)
        {
            return;
        }

        if (Offset > 0)
        {
            http.Response.Headers.Append("Link", Link(http, path, Math.Max(0, Offset - Limit), "prev"));
        }

        if (more)
        {
            http.Response.Headers.Append("Link", Link(http, path, Offset + Limit, "next"));
            if (last is not null)
            {
                http.Response.Headers[NextHeader] = Reference(http, path, Offset + Limit, last);
            }
        }
    }

    private static bool IsSequence(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static NgsiLdException Unknown() =>
        NgsiLdException.BadRequest("pageAfter comes from the answer before and is not to be made up; when sources or the order have changed, begin again.", "pageAfter");

    private string Link(HttpContext http, string path, int offset, string relation) =>
        $"<{Reference(http, path, offset, null)}>;rel=\"{relation}\";type=\"application/json\"";

    /// <summary>A relative reference with the parameters in alphabetical order; other characters than the reserved stay readable.</summary>
    private string Reference(HttpContext http, string path, int offset, string? after)
    {
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in http.Request.Query)
        {
            parameters[name] = string.Join(',', value!);
        }

        parameters["limit"] = Limit.ToString(CultureInfo.InvariantCulture);
        parameters["offset"] = offset.ToString(CultureInfo.InvariantCulture);
        parameters.Remove("pageAfter");
        if (after is not null)
        {
            parameters["pageAfter"] = after;
        }

        var link = new StringBuilder(path);
        char separator = '?';
        foreach ((string name, string value) in parameters)
        {
            link.Append(separator).Append(Escaped(name)).Append('=').Append(Escaped(value));
            separator = '&';
        }

        return link.ToString();
    }

    /// <summary>What RFC 3986 lets stand in a query stays; everything that could end the link or a parameter is escaped.</summary>
    private static string Escaped(string text)
    {
        const string Plain = "-._~:/*,;@!$'()[]|";
        StringBuilder? escaped = null;
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiLetterOrDigit(text[i]) || Plain.Contains(text[i], StringComparison.Ordinal))
            {
                escaped?.Append(text[i]);
                continue;
            }

            escaped ??= new StringBuilder().Append(text, 0, i);
            int length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
            escaped.Append(Uri.EscapeDataString(text.AsSpan(i, length)));
            i += length - 1;
        }

        return escaped?.ToString() ?? text;
    }

    private static int Number(HttpContext http, string name, int least, int most, int otherwise)
    {
        string? text = http.Request.Query[name];
        return text is null ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most ? number
            : throw NgsiLdException.BadRequest($"'{name}' is a whole number from {least} to {most}.", name);
    }
}
