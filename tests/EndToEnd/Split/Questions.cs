using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Twin.Node.Districts;

namespace Twin.Tests.EndToEnd.Split;

/// <summary>What is asked of Mulhouse, of one kind of each: the answers must not depend on where the services run.</summary>
internal static partial class Questions
{
    private const string Link = $"<{DistrictGenerator.ContextUrl}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"";
    private const string Entities = "/ngsi-ld/v1/entities";

    private static readonly string[] ComparedHeaders = ["Content-Type", "Link", "NGSILD-Results-Count", "NGSILD-Warning", "Twin-Next", "Location", "Allow", "WWW-Authenticate"];

    /// <summary>Each with what its answer must hold, so that two empty answers are not taken for the same answer.</summary>
    public static IReadOnlyList<Question> All { get; } =
    [
        new("types", "/ngsi-ld/v1/types?details=true", "Building"),
        new("one type", "/ngsi-ld/v1/types/Building", "\"entityCount\""),
        new("attributes", "/ngsi-ld/v1/attributes?details=true", "floorArea"),
        new("q", $"{Entities}?type=Building&local=true&q=height>12;heritage==true", "mulhouse-dmc:hall"),
        new("q with or and a pattern", $"{Entities}?type=Building&local=true&q=(height>20|name~=\"^Halle.*\")&limit=50", "mulhouse-dmc"),
        new("near", $"{Entities}?type=Tree&local=true&georel=near;maxDistance==120&geometry=Point&coordinates=[7.3195,47.7455]&limit=200", "Tree:mulhouse-dmc"),
        new("within", $"{Entities}?type=Building&local=true&georel=within&geometry=Polygon&coordinates=[[[7.31,47.74],[7.33,47.74],[7.33,47.75],[7.31,47.75],[7.31,47.74]]]&limit=100", "Building:mulhouse-dmc"),
        new("count", $"{Entities}?type=Building,Tree&local=true&count=true&limit=0", "[]"),
        new("second page", $"{Entities}?type=Tree&local=true&limit=7&offset=14&count=true", "Tree:mulhouse-dmc"),
        new("GeoJSON", $"{Entities}?type=Building&local=true&limit=30", "FeatureCollection", "application/geo+json"),
        new("JSON-LD", $"{Entities}?type=GtfsStop&local=true", "@context", "application/ld+json"),
        new("simplified, projected", $"{Entities}?type=Building&local=true&pick=id,name,height&format=simplified&limit=40", "\"height\""),
        new("concise, by id pattern", $"{Entities}?idPattern=.*hall-7.*&type=Building&local=true&format=concise", "hall-75"),
        new("ordered", $"{Entities}?type=Building&local=true&orderBy=height&limit=25", "Building:mulhouse-dmc"),
        new("by scope", $"{Entities}?scopeQ=/%23&type=Organization&local=true", "Organization:mulhouse-dmc"),
        new("one entity", $"{Entities}/urn:ngsi-ld:Building:mulhouse-dmc:hall-75", "hall-75"),
        new("federated", $"{Entities}?type=Building&q=heritage==true&limit=100", "loerrach-lauffenmuehle"),
        new("federated, counted", $"{Entities}?type=Building&count=true&limit=1000", "loerrach-lauffenmuehle"),
        new("federated, GeoJSON", $"{Entities}?type=GtfsStop&limit=100", "loerrach-lauffenmuehle", "application/geo+json"),
        new("an entity of the other city", $"{Entities}/urn:ngsi-ld:AdministrativeArea:loerrach-lauffenmuehle:district", "loerrach-lauffenmuehle"),
        new("by POST", "/ngsi-ld/v1/entityOperations/query?limit=50", "SharedEquipment:mulhouse-dmc", Body: """{"type":"Query","entities":[{"type":"SharedEquipment"}]}"""),
        new("a refused q", $"{Entities}?type=Building&q=height>>12", "BadRequestData"),
        new("nothing there", $"{Entities}/urn:ngsi-ld:Building:nowhere", "ResourceNotFound"),
        new("not for anonymous callers", "/ngsi-ld/v1/csourceRegistrations?limit=1", "sign-in-required"),
    ];

    /// <summary>The answer as text: status, the headers that matter and the body, without what names a port or a run.</summary>
    public static async Task<string> AnswerAsync(HttpClient http, Question question, Uri peer, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(question.Body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(http.BaseAddress!, Escape(question.Path)));
        request.Headers.TryAddWithoutValidation("Link", Link);
        request.Headers.TryAddWithoutValidation("Accept", question.Accept);
        if (question.Body is not null)
        {
            request.Content = new StringContent(question.Body, Encoding.UTF8, "application/json");
        }

        using var response = await http.SendAsync(request, cancellationToken);
        var text = new StringBuilder().AppendLine($"{(int)response.StatusCode}");
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(static header => ComparedHeaders.Contains(header.Key, StringComparer.OrdinalIgnoreCase)).OrderBy(static header => header.Key, StringComparer.OrdinalIgnoreCase))
        {
            text.AppendLine($"{name}: {string.Join(", ", values)}");
        }

        text.Append(await response.Content.ReadAsStringAsync(cancellationToken));
        return TraceId().Replace(text.ToString(), "")
            .Replace(http.BaseAddress!.Authority, "mulhouse", StringComparison.Ordinal)
            .Replace(peer.Authority, "loerrach", StringComparison.Ordinal);
    }

    private static string Escape(string path) =>
        path.Replace(">", "%3E", StringComparison.Ordinal).Replace("\"", "%22", StringComparison.Ordinal).Replace("^", "%5E", StringComparison.Ordinal)
            .Replace("|", "%7C", StringComparison.Ordinal).Replace("[", "%5B", StringComparison.Ordinal).Replace("]", "%5D", StringComparison.Ordinal);

    [GeneratedRegex("\"traceId\":\"[0-9a-f]{32}\"")]
    private static partial Regex TraceId();
}

/// <summary>A question and a part of its answer.</summary>
internal sealed record Question(string What, string Path, string Holds, string Accept = "application/json", string? Body = null);
