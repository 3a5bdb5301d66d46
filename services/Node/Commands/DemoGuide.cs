using System.Globalization;
using System.Text;
using Twin.Node.Districts;

namespace Twin.Node.Commands;

/// <summary>What the demo prints when it is up: addresses, the administrator, four commands that work as they stand.</summary>
internal static class DemoGuide
{
    private const string Link = $"Link: <{DistrictGenerator.ContextUrl}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"";

    public static string Of(IReadOnlyList<DemoCity> cities)
    {
        var text = new StringBuilder("\n");
        foreach (var city in cities)
        {
            text.AppendLine($"{city.Plan.City,-10} {city.Http.GetLeftPart(UriPartial.Authority)}   data {city.Data}");
        }

        var first = cities[0];
        var node = first.Http.GetLeftPart(UriPartial.Authority);
        text.AppendLine().AppendLine($"Sign-in of the administrator of {first.Plan.City}:");
        foreach (var line in Administrator(first))
        {
            text.AppendLine("  " + line);
        }

        text.AppendLine().AppendLine("One building of Mulhouse:")
            .AppendLine($"curl -s '{node}/ngsi-ld/v1/entities/urn:ngsi-ld:Building:{first.Plan.Key}:hall-75?local=true' -H '{Link}'")
            .AppendLine().AppendLine("Its buildings over 12 m, within 150 m of the district's middle:")
            .AppendLine(CultureInfo.InvariantCulture, $"curl -sG '{node}/ngsi-ld/v1/entities' -H '{Link}' -d local=true -d type=Building --data-urlencode 'q=height>12' -d 'georel=near;maxDistance==150' -d geometry=Point --data-urlencode 'coordinates=[{first.Plan.Longitude},{first.Plan.Latitude}]' -d format=simplified")
            .AppendLine().AppendLine($"The halls that are kept in both cities, asked of {first.Plan.City} alone:")
            .AppendLine($"curl -sG '{node}/ngsi-ld/v1/entities' -H '{Link}' -d type=Building --data-urlencode 'q=heritage==true' -d pick=id,type,name,height,floorArea -d format=simplified -d limit=100")
            .AppendLine().AppendLine($"What its scenarios come to, beside what there is ({string.Join(", ", first.Scenarios.Skip(1).Select(static one => one.Name))}), for planners:")
            .AppendLine($"curl -sG '{node}/scenarios/results' -H \"Authorization: Bearer $({Environment.ProcessPath} token --data {first.Data} --role planner)\" -d scenarios={string.Join(',', first.Scenarios.Select(static one => one.Path.Split('/')[^1]))} -d district=urn:ngsi-ld:AdministrativeArea:{first.Plan.Key}:district")
            .AppendLine().Append("Ctrl-C stops both cities.");
        return text.ToString();
    }

    private static IEnumerable<string> Administrator(DemoCity city)
    {
        var file = Path.Combine(city.Data, "administrator.txt");
        return File.Exists(file) ? File.ReadLines(file).Append($"(from {file})") : [$"twin token --data {city.Data} --role administrator"];
    }
}
