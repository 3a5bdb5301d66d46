using System.Globalization;
using System.Text.Json;
using Twin.Hosting.Storage;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Import;

/// <summary>2,506 buildings of Redon (OpenStreetMap, in UTM 30N) through the real executable and back.</summary>
public sealed class RealBuildingsTests : IDisposable
{
    private const string Context = "https://twin.federation/contexts/district.jsonld";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("twin-buildings-");

    private string Mapping => Path.Combine(_directory.FullName, "mapping.json");

    [Fact]
    public async Task The_real_buildings_are_found_by_area_and_height_and_come_out_and_in_again_byte_for_byte()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var file = Path.Combine(SharedData.Directory, "data", "buildings", "redon-buildings.geojson");
        Assert.SkipUnless(File.Exists(file), "The reference data of TWIN_SHARED are not here.");
        await File.WriteAllTextAsync(Mapping, """
            { "type": "Building", "id": "urn:ngsi-ld:Building:redon-{ID_BUILD}", "scope": "/Redon",
              "attributes": { "HEIGHT_ROOF": { "name": "height", "unit": "MTR" }, "MAIN_USE": { "name": "use", "missing": ["null"] }, "ZINDEX": { "drop": true } } }
            """, cancellation);

        await using var first = await NodeProcess.StartAsync(Store("first"), null, cancellation);
        var import = await TwinCli.RunAsync(cancellation, "import", file, "--to", first.Http.ToString(), "--mapping", Mapping, "--context", Context, "--json");
        Assert.True(import.Code == 0, import.Error);
        using var summary = JsonDocument.Parse(import.Output);
        Assert.Equal(2506, summary.RootElement.GetProperty("sent").GetInt32());

        using var http = new HttpClient { BaseAddress = first.Http };
        http.DefaultRequestHeaders.Add("Link", $"<{Context}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"");
        Assert.Equal(Heights(file).Count(static h => h > 9), await CountAsync(http, "type=Building&q=height>9"));
        // The place of building 1 by another program (proj4js 2.22.0): -2.786619, 47.648871 is a corner of it.
        Assert.Contains("urn:ngsi-ld:Building:redon-1", await IdsAsync(http, "type=Building&georel=near;maxDistance==1&geometry=Point&coordinates=[-2.786619,47.648871]"));
        Assert.Equal(2506, await CountAsync(http, "type=Building&georel=within&geometry=Polygon&coordinates=[[[-2.82,47.62],[-2.75,47.62],[-2.75,47.68],[-2.82,47.68],[-2.82,47.62]]]"));
        Assert.Equal(0, await CountAsync(http, "type=Building&georel=near;maxDistance==1000&geometry=Point&coordinates=[7.32,47.74]"));

        var exported = await ExportAsync(first, "one.ndjson", cancellation);
        Assert.Equal(2506, exported.Count(static b => b == (byte)'\n'));
        await using var second = await NodeProcess.StartAsync(Store("second"), null, cancellation);
        var again = await TwinCli.RunAsync(cancellation, "import", Path.Combine(_directory.FullName, "one.ndjson"), "--to", second.Http.ToString(), "--context", Context);
        Assert.True(again.Code == 0, again.Error);
        var exportedAgain = await ExportAsync(second, "two.ndjson", cancellation);
        Assert.True(exported.AsSpan().SequenceEqual(exportedAgain), "The second export differs.");
    }

    [Fact]
    public async Task An_import_that_is_broken_off_goes_on_where_it_stood()
    {
        var cancellation = TestContext.Current.CancellationToken;
        const int Count = 6000;
        var file = Path.Combine(_directory.FullName, "many.ndjson");
        await File.WriteAllLinesAsync(file, Enumerable.Range(1, Count).Select(static i => $$$"""{"id":"urn:ngsi-ld:Thing:{{{i}}}","type":"Thing","n":{"type":"Property","value":{{{i}}}}}"""), cancellation);
        await using var node = await NodeProcess.StartAsync(Store("node"), null, cancellation);
        string[] command = ["import", file, "--to", node.Http.ToString(), "--batch", "1", "--json"];
        using (var import = TwinCli.Start(command))
        {
            Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(File.Exists(file + ".twin-import")), 60, cancellation));
            TwinCli.Signal(import.Id, "INT");
            var (code, _, error) = await import.EndAsync(cancellation);
            Assert.True(code == 130, $"{code}: {error}");
            Assert.Contains("--resume", error, StringComparison.Ordinal);
        }

        var rest = await TwinCli.RunAsync(cancellation, [.. command, "--resume"]);
        Assert.True(rest.Code == 0, rest.Error);
        using var summary = JsonDocument.Parse(rest.Output);
        Assert.InRange(summary.RootElement.GetProperty("skipped").GetInt32(), 1, Count - 1);
        using var http = new HttpClient { BaseAddress = node.Http };
        Assert.Equal(Count, await CountAsync(http, "type=Thing"));
        Assert.False(File.Exists(file + ".twin-import"));
    }

    [Fact]
    public async Task Refused_records_are_reported_by_row_and_the_others_are_in()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var (file, report) = (Path.Combine(_directory.FullName, "some.ndjson"), Path.Combine(_directory.FullName, "report.ndjson"));
        await File.WriteAllTextAsync(file, """
            {"id":"urn:ngsi-ld:Thing:1","type":"Thing"}
            {"id":"urn:ngsi-ld:Thing:2","type":"Thing","n":{"type":"Property"}}
            {"id":
            {"id":"urn:ngsi-ld:Thing:4","type":"Thing"}
            """, cancellation);
        await using var node = await NodeProcess.StartAsync(Store("node"), null, cancellation);
        var (code, output, _) = await TwinCli.RunAsync(cancellation, "import", file, "--to", node.Http.ToString(), "--report", report, "--json");
        Assert.Equal(3, code);
        using var summary = JsonDocument.Parse(output);
        Assert.Equal((2, 2), (summary.RootElement.GetProperty("sent").GetInt32(), summary.RootElement.GetProperty("refused").GetInt32()));
        Assert.Equal([2, 3], File.ReadLines(report).Select(static l => JsonDocument.Parse(l).RootElement.GetProperty("row").GetInt32()).Order());
        using var http = new HttpClient { BaseAddress = node.Http };
        Assert.Equal(2, await CountAsync(http, "type=Thing"));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private StorageOptions Store(string name) => new() { DataDirectory = Path.Combine(_directory.FullName, name) };

    private async Task<byte[]> ExportAsync(NodeProcess node, string name, CancellationToken cancellation)
    {
        var file = Path.Combine(_directory.FullName, name);
        var export = await TwinCli.RunAsync(cancellation, "export", "--from", node.Http.ToString(), "--type", "Building", "--context", Context, "--out", file);
        Assert.True(export.Code == 0, export.Error);
        return await File.ReadAllBytesAsync(file, cancellation);
    }

    private static async Task<int> CountAsync(HttpClient http, string query)
    {
        using var response = await http.GetAsync(new Uri($"ngsi-ld/v1/entities?{query.Replace(">", "%3E", StringComparison.Ordinal)}&count=true&limit=1", UriKind.Relative));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return int.Parse(response.Headers.GetValues("NGSILD-Results-Count").Single(), CultureInfo.InvariantCulture);
    }

    private static async Task<List<string>> IdsAsync(HttpClient http, string query)
    {
        using var answer = JsonDocument.Parse(await http.GetStringAsync(new Uri($"ngsi-ld/v1/entities?{query}", UriKind.Relative)));
        return [.. answer.RootElement.EnumerateArray().Select(static e => e.GetProperty("id").GetString()!)];
    }

    private static List<double> Heights(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return [.. document.RootElement.GetProperty("features").EnumerateArray().Select(static f => f.GetProperty("properties").GetProperty("HEIGHT_ROOF").GetDouble())];
    }
}
