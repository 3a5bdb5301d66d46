using System.Text;
using CsCheck;
using Twin.Node.Import;
using Xunit;

namespace Twin.Tests.Unit.Import;

public sealed class CsvInputTests
{
    private static readonly ImportMapping Trees = new()
    {
        Type = "Tree",
        Id = "urn:ngsi-ld:Tree:mulhouse-{no}",
        Separator = ";",
        Decimal = ",",
        Encoding = "windows-1252",
        KeepOthers = false,
        Geometry = new() { X = "lon", Y = "lat" },
        Attributes = new Dictionary<string, AttributeMapping>
        {
            ["essence"] = new() { Name = "name", Kind = "LanguageProperty", Language = "fr" },
            ["hauteur"] = new() { Name = "height", Type = "number", Unit = "MTR", ObservedAt = "releve", Missing = ["n.d."] },
            ["gestion"] = new() { Name = "owner", Kind = "Relationship", Template = "urn:ngsi-ld:Organization:{value}" },
            ["plante"] = new() { Name = "planted", Type = "date" },
            ["remarquable"] = new() { Type = "boolean" },
        },
    };

    [Fact]
    public async Task Columns_become_attributes_with_type_unit_language_time_and_place()
    {
        const string Text = "no;essence;hauteur;releve;gestion;plante;remarquable;lon;lat\r\n"
            + "1;\"Érable \"\"sycomore\"\"; grand\nsujet\";12,5;2026-03-01T10:00:00+01:00;ville;1998-11-02;oui;7,3195;47,7455\r\n"
            + "2;Tilleul;n.d.;;ville;;non;;\r\n";
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var rows = await Inputs.ReadAsync("t.csv", Encoding.GetEncoding("windows-1252").GetBytes(Text), Trees);
        Assert.Equal(
            """{"id":"urn:ngsi-ld:Tree:mulhouse-1","type":"Tree","location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[7.3195,47.7455]}},"name":{"type":"LanguageProperty","languageMap":{"fr":"Érable \"sycomore\"; grand\nsujet"}},"height":{"type":"Property","value":12.5,"unitCode":"MTR","observedAt":"2026-03-01T09:00:00Z"},"owner":{"type":"Relationship","object":"urn:ngsi-ld:Organization:ville"},"planted":{"type":"Property","value":{"@type":"Date","@value":"1998-11-02"}},"remarquable":{"type":"Property","value":true}}""",
            rows[0].Text());
        Assert.Equal(
            """{"id":"urn:ngsi-ld:Tree:mulhouse-2","type":"Tree","name":{"type":"LanguageProperty","languageMap":{"fr":"Tilleul"}},"owner":{"type":"Relationship","object":"urn:ngsi-ld:Organization:ville"},"remarquable":{"type":"Property","value":false}}""",
            rows[1].Text());
    }

    [Theory]
    [InlineData("9;x;12.5;;v;;oui;7,3;47,7", "hauteur", "decimal")]
    [InlineData("9;x;1,2,3;;v;;oui;7,3;47,7", "hauteur", "not a number")]
    [InlineData("9;x;5;hier;v;;oui;7,3;47,7", "releve", "ISO 8601")]
    [InlineData("9;x;5;;v;30/02/2020x;oui;7,3;47,7", "plante", "ISO 8601")]
    [InlineData("9;x;5;;v;;peut-etre;7,3;47,7", "remarquable", "neither true nor false")]
    [InlineData("9;x;5;;v;;oui;700;47,7", "lon", "not a longitude")]
    [InlineData(";x;5;;v;;oui;7,3;47,7", "id", "no value of \"no\"")]
    [InlineData("9;x;5;;v;;oui;7,3", null, "8 fields, the header 9")]
    public async Task A_bad_record_is_refused_with_its_column_and_the_next_is_read(string record, string? column, string reason)
    {
        var rows = await Inputs.ReadAsync("t.csv", $"no;essence;hauteur;releve;gestion;plante;remarquable;lon;lat\n{record}\n10;x;5;;v;;oui;7,3;47,7\n", Trees with { Encoding = "utf-8" });
        Assert.Equal(column, rows[0].Refusal!.Member);
        Assert.Contains(reason, rows[0].Refusal!.Reason, StringComparison.Ordinal);
        Assert.Null(rows[1].Refusal);
        Assert.Equal(2, rows[1].Row);
    }

    [Theory]
    [InlineData("a,b\n1,\"never closed\n2,3\n", "does not end")]
    [InlineData("a,a\n1,2\n", "twice")]
    [InlineData("", "empty")]
    public async Task A_file_that_makes_no_sense_is_refused_whole(string text, string reason)
    {
        var error = await Assert.ThrowsAsync<InputException>(() => Inputs.ReadAsync("t.csv", text, type: "Tree"));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mapping_that_names_a_missing_column_is_refused_with_the_header()
    {
        var error = await Assert.ThrowsAsync<InputException>(() => Inputs.ReadAsync("t.csv", "no,lon\n1,7\n", Trees with { Separator = ",", Decimal = ".", Encoding = "utf-8" }));
        Assert.Contains("no, lon", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_in_another_encoding_is_refused_and_not_garbled()
    {
        var error = await Assert.ThrowsAsync<InputException>(() => Inputs.ReadAsync("t.csv", [.. "a\n"u8, 0xC9, (byte)'\n'], type: "Tree"));
        Assert.Contains("encoding", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"Tree","attributes":{"a":{"unit":"MTR"}}}""", null)]
    [InlineData("""{"tpye":"Tree"}""", "tpye")]
    [InlineData("""{"separator":";;"}""", "separator")]
    [InlineData("""{"attributes":{"a":{"kind":"Prop"}}}""", "kind")]
    [InlineData("""{"attributes":""", "JSON")]
    [InlineData("null", "object")]
    public async Task A_mapping_file_keeps_its_defaults_and_a_wrong_one_is_refused_by_member(string json, string? reason)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, json);
        try
        {
            var mapping = await ImportMapping.ReadAsync(file, default);
            Assert.Null(reason);
            Assert.Equal((true, ",", ".", "Property"), (mapping.KeepOthers, mapping.Separator, mapping.Decimal, mapping.Attributes["a"].Kind));
        }
        catch (InputException error)
        {
            Assert.Contains(reason ?? "no reason", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Well_known_text_is_read_and_reprojected()
    {
        var mapping = new ImportMapping { Type = "Building", Id = "urn:b:{row}", Crs = "EPSG:2154", Geometry = new() { Wkt = "geom" }, Separator = ";" };
        var rows = await Inputs.ReadAsync("t.csv", "geom;n\nPOINT (1025000 6750000);1\nPOINT (x y);2\n", mapping);
        Assert.Contains("[7.3411151", rows[0].Text(), StringComparison.Ordinal);
        Assert.Equal("geom", rows[1].Refusal!.Member);
    }

    /// <summary>Whatever is quoted by RFC 4180 comes back as it was.</summary>
    [Fact]
    public Task Quoted_fields_come_back_as_they_were() =>
        Gen.Char["ab\",;\r\n é"].Array[0, 8].Array[2, 4].Array[1, 5].SampleAsync(async records =>
        {
            var width = records.Max(static r => r.Length);
            var table = records.Select(r => Enumerable.Range(0, width).Select(i => i < r.Length ? new string(r[i]) : "x").ToArray()).ToList();
            var text = string.Join("\r\n", table.Prepend([.. Enumerable.Range(0, width).Select(static i => $"c{i}")])
                .Select(static r => string.Join(',', r.Select(static f => $"\"{f.Replace("\"", "\"\"", StringComparison.Ordinal)}\""))));
            var rows = new CsvRows(new StringReader(text), ',');
            await rows.ReadHeaderAsync(default);
            var read = await Inputs.ListAsync(rows.ReadAsync(default));
            Assert.Equal(table.Where(r => width > 1 || r[0].Length > 0), read.Select(static r => r.Fields));
        });
}
