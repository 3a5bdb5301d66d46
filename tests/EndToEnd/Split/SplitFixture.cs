using Twin.Tests.Support;
using Xunit;

namespace Twin.Tests.EndToEnd.Split;

/// <summary>A real broker, and the demo of one process for each city to compare with.</summary>
public sealed class SplitFixture : IAsyncLifetime
{
    private KafkaBroker? broker;
    private DemoRun? reference;

    /// <summary>The broker; the test is skipped where none is offered.</summary>
    public KafkaBroker Broker
    {
        get
        {
            if (KafkaBroker.Missing is { } reason)
            {
                Assert.Skip(reason);
            }

            return broker!;
        }
    }

    /// <summary>Two cities of one process each, with their events in the process.</summary>
    internal DemoRun Reference => reference!;

    public async ValueTask InitializeAsync()
    {
        if (KafkaBroker.Missing is not null)
        {
            return;
        }

        broker = new KafkaBroker();
        var starting = broker.StartAsync(CancellationToken.None);
        reference = await DemoRun.StartAsync([], new Dictionary<string, string>(), CancellationToken.None);
        await starting;
    }

    public async ValueTask DisposeAsync()
    {
        if (reference is not null)
        {
            await reference.DisposeAsync();
        }

        if (broker is not null)
        {
            await broker.DisposeAsync();
        }
    }

    /// <summary>Every question has the same answer in both, byte for byte.</summary>
    internal async Task AssertSameAnswersAsync(Uri mulhouse, Uri loerrach, CancellationToken cancellationToken)
    {
        using var here = new HttpClient { BaseAddress = Reference.Mulhouse };
        using var there = new HttpClient { BaseAddress = mulhouse };
        foreach (var question in Questions.All)
        {
            var expected = await Questions.AnswerAsync(here, question, Reference.Loerrach, cancellationToken);
            var answer = await Questions.AnswerAsync(there, question, loerrach, cancellationToken);
            Assert.True(expected.Contains(question.Holds, StringComparison.Ordinal), $"{question.What}: {expected}");
            Assert.True(expected == answer, $"{question.What}: one process answers\n{expected}\nand several\n{answer}");
        }
    }
}

/// <summary>The tests that share the broker; one after the other, since some kill it.</summary>
[CollectionDefinition("Split")]
public sealed class SplitCollection : ICollectionFixture<SplitFixture>;
