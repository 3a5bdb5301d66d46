using System.Text;
using CsCheck;
using Twin.Node.Import;
using Xunit;

namespace Twin.Tests.Unit.Import;

public sealed class JsonInputTests
{
    [Fact]
    public async Task An_array_is_cut_into_its_objects_wherever_the_reads_end()
    {
        const string Json = """ [ {"id":"urn:a","x":"],}{\"\\"} ,{"id":"urn:b","y":[[{}]]}, {} ] """;
        for (var step = 1; step < 12; step++)
        {
            var rows = await Inputs.ListAsync(new JsonRows(Inputs.Drip(Json, step), collection: false).ReadAsync(default));
            Assert.Equal(["""{"id":"urn:a","x":"],}{\"\\"}""", """{"id":"urn:b","y":[[{}]]}""", "{}"], rows.Select(static r => Encoding.UTF8.GetString(r.Json.Span)));
            Assert.Equal([1L, 2, 3], rows.Select(static r => r.Row));
        }
    }

    [Theory]
    [InlineData("", "ends in the middle")]
    [InlineData("[", "ends in the middle")]
    [InlineData("[{\"a\":1}", "ends in the middle")]
    [InlineData("[{\"a\":1},{\"a\":", "ends in the middle")]
    [InlineData("[{\"a\":1},}", "broken")]
    [InlineData("[{\"a\":1} {\"a\":2}]", "broken")]
    [InlineData("nonsense", "broken")]
    [InlineData("42", "ends in the middle")]
    public async Task A_broken_array_gives_one_refusal_and_ends(string json, string reason)
    {
        var rows = await Inputs.ListAsync(new JsonRows(Inputs.Drip(json), collection: false).ReadAsync(default));
        Assert.Contains(reason, rows[^1].Refused, StringComparison.Ordinal);
        Assert.Single(rows, static r => r.Refused is not null);
    }

    [Fact]
    public async Task Elements_that_are_no_objects_are_refused_one_by_one()
    {
        var rows = await Inputs.ListAsync(new JsonRows(Inputs.Drip("""[1,"a",null,[{}],{"id":"urn:a"}]"""), collection: false).ReadAsync(default));
        Assert.Equal(4, rows.Count(static r => r.Refused is not null));
        Assert.Null(rows[4].Refused);
    }

    [Fact]
    public async Task Nesting_of_ten_thousand_levels_is_refused_without_a_crash()
    {
        var json = "[" + new string('[', 10_000) + new string(']', 10_000) + "]";
        var rows = await Inputs.ListAsync(new JsonRows(Inputs.Drip(json, 4096), collection: false).ReadAsync(default));
        Assert.Contains("broken", Assert.Single(rows).Refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_over_the_limit_is_refused_and_memory_stays_bounded()
    {
        using var endless = new EndlessString();
        var rows = await Inputs.ListAsync(new JsonRows(endless, collection: false).ReadAsync(default));
        Assert.Contains("longer than 32 MB", Assert.Single(rows).Refused, StringComparison.Ordinal);
        Assert.InRange(endless.Given, 0, 40 * 1024 * 1024);
    }

    [Fact]
    public async Task A_broken_line_is_refused_and_the_next_is_read()
    {
        const string Lines = "\uFEFF{\"id\":\"urn:a\"}\r\n\n{\"id\":\n[1]\n{\"id\":\"urn:b\"} {}\n\u001e{\"id\":\"urn:c\"}";
        for (var step = 1; step < 9; step++)
        {
            var rows = await Inputs.ListAsync(new LineRows(Inputs.Drip(Lines, step)).ReadAsync(default));
            Assert.Equal([null, "broken", "not a JSON object", "More than one", null], rows.Select(static r => r.Refused is null ? null
                : new[] { "broken", "not a JSON object", "More than one" }.First(w => r.Refused.Contains(w, StringComparison.Ordinal))));
        }
    }

    [Fact]
    public Task Any_bytes_end_in_rows_or_refusals_and_never_in_a_crash() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[1, 64]).SampleAsync(async (bytes, step) =>
        {
            foreach (var collection in (bool[])[true, false])
            {
                await Inputs.ListAsync(new JsonRows(new MemoryStream(bytes), collection).ReadAsync(default));
            }

            await Inputs.ListAsync(new LineRows(new MemoryStream(bytes)).ReadAsync(default));
        });

    [Fact]
    public async Task An_entity_without_a_usable_id_or_type_is_refused_by_name()
    {
        var rows = await Inputs.ReadAsync("a.ndjson", """
            {"type":"Building"}
            {"id":"no uri","type":"Building"}
            {"id":7,"type":"Building"}
            {"id":"urn:a"}
            {"id":"urn:a","type":"Building","@context":["https://example.org/c"]}
            """);
        Assert.Equal(["id", "id", "id", "type", null], rows.Select(static r => r.Refusal?.Member));
        Assert.True(rows[4].CarriesContext);
    }

    [Theory]
    [InlineData("a.json", "[{\"id\":\"urn:a\",\"type\":\"T\"}]", 1)]
    [InlineData("a.jsonld", "{\"id\":\"urn:a\",\"type\":\"T\"}", 1)]
    [InlineData("a.json", "{\"id\":\"urn:a\",\"type\":\"T\"}\n{\"id\":\"urn:b\",\"type\":\"T\"}\n", 2)]
    [InlineData("a.txt", "\uFEFF [{\"id\":\"urn:a\",\"type\":\"T\"},{\"id\":\"urn:b\",\"type\":\"T\"}]", 2)]
    public async Task The_format_is_told_by_name_and_first_bytes(string name, string content, int count)
    {
        var rows = await Inputs.ReadAsync(name, content);
        Assert.Equal(count, rows.Count);
        Assert.All(rows, static r => Assert.Null(r.Refusal));
    }

    private sealed class EndlessString : MemoryStream
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'a');
            if (Given == 0)
            {
                "[{\"a\":\""u8.CopyTo(buffer.Span);
            }

            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
