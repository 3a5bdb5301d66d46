using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Twin.Hosting.Storage;
using Twin.Telemetry.Tail;
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
    public async Task Chunks_that_are_older_than_the_rule_go_for_good_and_their_points_may_come_again()
    {
        using var store = await TestStore.CreateAsync(kind, TestContext.Current.CancellationToken);
        var first = DateTime.UtcNow.Date.AddMinutes(-Points);
        var before = DateTime.UtcNow.AddDays(-10).Ticks;
        List<(long Time, string Value)> left;
        await using (var node = await HistoryNode.StartAsync(store, Rules))
        {
            var rows = Enumerable.Range(0, Points).Select(i => string.Create(CultureInfo.InvariantCulture, $"urn:d:1,gone,{first.AddMinutes(i):yyyy-MM-ddTHH:mm:ssZ},{i}\nurn:d:1,kept,{first.AddMinutes(i):yyyy-MM-ddTHH:mm:ssZ},{i}\n"));
            IngestTests.Counts(await node.IngestAsync("entity,attribute,observedAt,value\n" + string.Concat(rows)), taken: 2 * Points);
            var retention = node.Services.GetRequiredService<Retention>();
            Assert.Equal(0, await retention.RunAsync(TestContext.Current.CancellationToken));
            await node.SealAsync();

            var gone = await retention.RunAsync(TestContext.Current.CancellationToken);
            left = await node.PointsAsync(null, "urn:d:1", "gone");
            Assert.Equal(Points - gone, left.Count);
            Assert.InRange(gone, 1, Points);
            // All that is to stay is there, and of what is not no more than shares a chunk with it.
            Assert.Equal((long)Points, long.Parse(left[^1].Value, CultureInfo.InvariantCulture) + 1);
            Assert.InRange(left.Count(point => point.Time < before), 0, 16_384);
            Assert.Equal(Points, (await node.PointsAsync(null, "urn:d:1", "kept")).Count);
            Assert.Equal(0, await retention.RunAsync(TestContext.Current.CancellationToken));
        }

        await using (var node = await HistoryNode.StartAsync(store, Rules))
        {
            Assert.Equal(left, await node.PointsAsync(null, "urn:d:1", "gone"));
            IngestTests.Counts(await node.IngestAsync($"entity,attribute,observedAt,value\nurn:d:1,gone,{first:yyyy-MM-ddTHH:mm:ssZ},0\n"), taken: 1);
        }
    }
}

public sealed class RetentionOnSqliteTests() : RetentionTests(StoreKind.Sqlite);

public sealed class RetentionOnPostgresTests() : RetentionTests(StoreKind.PostgreSql);
