using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Twin.Hosting.Storage;
using Twin.Telemetry.Keeping;
using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.Integration.Telemetry;

/// <summary>What is older than the settings keep goes, and nothing else.</summary>
public abstract class RetentionTests(StoreKind kind)
{
    private const int Points = 40_000;

    private static readonly (string, string)[] Rules =
    [
        ("Twin:Telemetry:Retention:0:Attribute", "kept"), ("Twin:Telemetry:Retention:0:Keep", "P10Y"),
        ("Twin:Telemetry:Retention:1:Keep", "P10D"),
    ];

    [Fact]
    public async Task No_point_that_is_older_than_its_rule_is_answered_or_stored_after_a_pass_and_none_that_is_younger_goes()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        var first = DateTime.UtcNow.Date.AddMinutes(-Points);
        List<(long Time, string Value)> left;
        await using (var node = await HistoryNode.StartAsync(store, Rules))
        {
            // Half of it lies in chunks, the other half in the tail; the boundary lies within.
            await SendAsync(node, first, 0, 20_000);
            await node.SealAsync();
            await SendAsync(node, first, 20_000, Points);
            var keeping = node.Services.GetRequiredService<KeepingService>();
            var earliest = DateTime.UtcNow.AddDays(-10);
            var pass = await keeping.RunAsync(TestContext.Current.CancellationToken);
            var latest = DateTime.UtcNow.AddDays(-10);

            left = await node.PointsAsync(null, "urn:d:1", "gone");
            Assert.All(left, point => Assert.True(point.Time >= earliest.Ticks));
            Assert.InRange(left[0].Time, earliest.Ticks, latest.AddMinutes(1).Ticks);
            Assert.Equal(Enumerable.Range(Points - left.Count, left.Count).Select(static i => i.ToString(CultureInfo.InvariantCulture)), left.Select(static point => point.Value));
            Assert.Equal(Points - left.Count, pass.Forgotten);
            Assert.Equal((KeepingState.Completed, 1, 1), (pass.State, pass.Rules[1].Series, pass.Rules[1].SeriesDone));
            Assert.Equal(Points, (await node.PointsAsync(null, "urn:d:1", "kept")).Count);
            await StoresNothingBeforeAsync(node, earliest.Ticks);
            Assert.InRange((await keeping.RunAsync(TestContext.Current.CancellationToken)).Forgotten, 0, 2);
        }

        await using (var node = await HistoryNode.StartAsync(store, Rules))
        {
            Assert.Equal(left[^10_000..], (await node.PointsAsync(null, "urn:d:1", "gone"))[^10_000..]);
            Assert.InRange((await node.PointsAsync(null, "urn:d:1", "gone")).Count, left.Count - 2, left.Count);
            // What comes again is a point as any other, until the next pass.
            IngestTests.Counts(await node.IngestAsync($"entity,attribute,observedAt,value\nurn:d:1,gone,{first:yyyy-MM-ddTHH:mm:ssZ},0\n"), taken: 1);
            Assert.InRange((await node.Services.GetRequiredService<KeepingService>().RunAsync(TestContext.Current.CancellationToken)).Forgotten, 1, 3);
        }
    }

    private static async Task SendAsync(HistoryNode node, DateTime first, int from, int to)
    {
        var rows = Enumerable.Range(from, to - from).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"urn:d:1,gone,{first.AddMinutes(i):yyyy-MM-ddTHH:mm:ssZ},{i}\nurn:d:1,kept,{first.AddMinutes(i):yyyy-MM-ddTHH:mm:ssZ},{i}\n"));
        IngestTests.Counts(await node.IngestAsync("entity,attribute,observedAt,value\n" + string.Concat(rows)), taken: 2 * (to - from));
    }

    /// <summary>Looks into the tables: the chunks of the series, and blocks of the tail.</summary>
    private static async Task StoresNothingBeforeAsync(HistoryNode node, long before)
    {
        await using var connection = await node.Database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT (SELECT count(*) FROM tail_block), (SELECT min(start) FROM chunk WHERE series = (SELECT key FROM series WHERE attribute LIKE '%/gone'))";
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Assert.True(await row.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, row.GetInt64(0));
        Assert.True(row.GetInt64(1) >= before);
    }
}

public sealed class RetentionOnSqliteTests() : RetentionTests(StoreKind.Sqlite);

public sealed class RetentionOnPostgresTests() : RetentionTests(StoreKind.PostgreSql);
